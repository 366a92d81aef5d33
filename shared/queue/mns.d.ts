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
  }
  class MnsClient {
    constructor(accountId: string, options: MnsClient.Options);
    createQueue(name: string, attributes: Record<string, number>): Promise<MnsClient.Answer>;
    setQueueAttributes(name: string, attributes: Record<string, number>): Promise<MnsClient.Answer>;
    sendMessage(
      name: string,
      params: { MessageBody: string; DelaySeconds?: number; Priority?: number },
    ): Promise<MnsClient.Answer>;
  }
  export default MnsClient;
}
