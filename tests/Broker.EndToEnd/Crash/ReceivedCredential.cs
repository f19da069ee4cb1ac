using Broker.EndToEnd.Clients;

namespace Broker.EndToEnd.Crash;

/// <summary>An answer of <c>POST /v1/mint-oidc-jwt?receipt=full</c> that reached a client whole.</summary>
internal sealed record ReceivedCredential(string Token, string Receipt, byte[] Entry)
{
    /// <summary>
    /// Under which the credential must be on record: the token's own <c>jti</c>, not what the answer says beside it.
    /// </summary>
    public string RecordId => TokenText.Claims(Token)["jti"]!.GetValue<string>();

    public static ReceivedCredential From(Answer answer) =>
        new(answer.Text("jwt"), answer.Text("receipt"), Convert.FromBase64String(answer.Text("entry")));
}
