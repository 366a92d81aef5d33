/** The part of the untyped package `@alicloud/mns` that we use. */
declare module '@alicloud/mns' {
  namespace MnsClient {
    interface Options {
      accessKeyId: string;
      accessKeySecret: string;
      securityToken?: string;
      region: string;
      endpoint: string;
      readTimeout?: number;
      connectTimeout?: number;
    }
    interface Answer {
      code: number;
      headers: Record<string, string>;
      body: unknown;
    }
    type Request = [
      method: string,
      resource: string,
      type: string,
      body: string | Buffer,
      attentions?: string[],
      options?: object,
    ];
  }
  class MnsClient {
    readonly endpoint: string;
    constructor(accountId: string, options: MnsClient.Options);
    /** What every call goes through. `options` reach the HTTP client. */
    request(...args: MnsClient.Request): Promise<MnsClient.Answer>;
    createQueue(name: string, attributes: Record<string, number>): Promise<MnsClient.Answer>;
    setQueueAttributes(name: string, attributes: Record<string, number>): Promise<MnsClient.Answer>;
    getQueueAttributes(name: string): Promise<MnsClient.Answer>;
    deleteQueue(name: string): Promise<MnsClient.Answer>;
    sendMessage(
      name: string,
      params: { MessageBody: string; DelaySeconds?: number; Priority?: number },
    ): Promise<MnsClient.Answer>;
  }
  export default MnsClient;
}
