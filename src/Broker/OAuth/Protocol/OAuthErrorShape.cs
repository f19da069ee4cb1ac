using System.Text.Json;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.LedgerHosting;
using Broker.Sessions.Proofs;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.OAuth.Protocol;

/// <summary>
/// Refusals as RFC 6749 §5.2 has them: <c>error</c> of its closed list and <c>error_description</c>; our code, next
/// step and request id follow as extra members. A refusal of any feature is worded so.
/// </summary>
internal sealed class OAuthErrorShape : IErrorShape
{
    public static readonly OAuthErrorShape Instance = new();

    private OAuthErrorShape()
    {
    }

    /// <summary>Where the refusal is not one of OAuth's own, its status says which error it is.</summary>
    public static string ErrorOf(RefusalCode code) => OAuthRefusals.All.Contains(code)
        ? code.Kind
        : code.ChallengeError is ProofRefusals.InvalidProof or ProofRefusals.UseNonce
        ? code.ChallengeError
        : Status(code) switch
        {
            Status429TooManyRequests or Status503ServiceUnavailable => "temporarily_unavailable",
            >= Status500InternalServerError => "server_error",
            _ when code.Status is Status401Unauthorized or Status403Forbidden => "invalid_grant",
            _ => "invalid_request",
        };

    public int StatusOf(RefusalCode code) => Status(code);

    /// <summary>
    /// A grant that is refused is 400 (RFC 6749 §5.2); 401 is for clients. A ledger that cannot write is 503 here, where
    /// the contract's 500 does not bind.
    /// </summary>
    private static int Status(RefusalCode code) => code switch
    {
        _ when OAuthRefusals.All.Contains(code) => code.Status,
        _ when code.Kind == LedgerRefusals.LedgerWriteFailed.Kind => Status503ServiceUnavailable,
        { Status: Status401Unauthorized or Status403Forbidden } => Status400BadRequest,
        _ => code.Status,
    };

    /// <summary>RFC 6749 §5.2: the scheme that the client used.</summary>
    public string? ChallengeOf(HttpContext http) =>
        BasicCredentials.AreIn(http.Request) ? "Basic realm=\"oauth\"" : null;

    public void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteString("error"u8, ErrorOf(refusal.Code));
        json.WriteString("error_description"u8, Described(refusal.Detail));
    }

    /// <summary>RFC 6749 §5.2: printable ASCII without <c>"</c> and <c>\</c>.</summary>
    private static string Described(string detail) => string.Create(detail.Length, detail, static (text, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            text[i] = source[i] switch
            {
                '"' or '\\' => '\'',
                >= ' ' and <= '~' => source[i],
                _ => '?',
            };
        }
    });
}
