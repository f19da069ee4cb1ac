using System.Buffers;
using Broker.Attestation.Issuers;
using Broker.Http;
using Broker.Issuer;

namespace Broker.IssuerEvidence;

/// <summary>
/// <c>GET /.well-known/issuer-attestation?nonce=</c>: what the machine's quote vouches for of this issuer, with all
/// that judging it offline takes (<see cref="IssuerEvidenceDocument"/>). With a nonce it is made for the caller;
/// without one the kept evidence is answered. An issuer with a path has it behind that path too.
/// </summary>
internal static class EvidenceRoutes
{
    public const string Path = "/.well-known/issuer-attestation";

    public static void Map(IEndpointRouteBuilder routes, IssuerOptions issuer)
    {
        Map(routes, Path).WithName("issuerAttestation");
        if (issuer.Path.Length > 0) Map(routes, issuer.Path + Path);
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder routes, string path) => routes
        .MapGet(path, HandleAsync)
        .WithSummary("Evidence that a confidential machine holds the issuer's keys")
        .TakesText("nonce", "16 to 64 bytes of the caller's choice, in lower-case hex; the quote is then over it.",
            2 * IssuerStatement.LongestNonce)
        .ProducesJson().ProducesRefusals(400, 404, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, EvidenceMaker evidence, EvidenceLimit limit, CancellationToken stop)
    {
        if (!http.Request.Query.ContainsKey("nonce"))
        {
            var kept = await evidence.KeptAsync(stop);
            if (kept.IsRefused) return new ErrorAnswer(kept.Refusal);
            await kept.Value.AnswerAsync(http);
            return TypedResults.Empty;
        }

        if (ReadNonce(http.Request.Query["nonce"]) is not { } nonce)
        {
            return new ErrorAnswer(new(EvidenceRefusals.InvalidNonce,
                "nonce must be 32 to 128 lower-case hex digits, two for each byte"));
        }

        if (limit.Take(ClientAddress.Of(http)) is { } tooOften) return new ErrorAnswer(tooOften);
        var made = await evidence.MakeAsync(nonce, stop);
        if (made.IsRefused) return new ErrorAnswer(made.Refusal);
        http.Response.Headers.CacheControl = "no-store";
        return JsonBytes.Answer(made.Value);
    }

    /// <summary>Null where it is not the one spelling of so many bytes.</summary>
    private static byte[]? ReadNonce(Microsoft.Extensions.Primitives.StringValues given)
    {
        if (given is not [{ Length: >= 2 * IssuerStatement.ShortestNonce and <= 2 * IssuerStatement.LongestNonce } text]
            || text.Length % 2 != 0 || text.AsSpan().ContainsAnyExcept(LowerHex))
            return null;
        return Convert.FromHexString(text);
    }

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
}
