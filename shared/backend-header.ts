/** Response header in which a backend that we made names itself. */
export const backendHeader = 'X-Backend-Server';
