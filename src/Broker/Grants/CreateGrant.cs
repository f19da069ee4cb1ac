using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.Sessions;
using FluentValidation;

namespace Broker.Grants;

/// <summary>Body of <c>POST /v1/grant/create</c> (contract §2.14).</summary>
internal sealed record CreateGrantRequest(
    [property: JsonPropertyName("daemon_address"), JsonRequired] string DaemonAddress,
    [property: JsonPropertyName("service"), JsonRequired] string Service,
    [property: JsonPropertyName("expires_at"), JsonRequired] long ExpiresAt,
    [property: JsonPropertyName("max_uses"), JsonRequired] int MaxUses,
    [property: JsonPropertyName("scope_path")] string ScopePath = "");

/// <summary>Answer of <c>POST /v1/grant/create</c>.</summary>
internal sealed record CreateGrantAnswer(
    [property: JsonPropertyName("grant_id")] string GrantId,
    [property: JsonPropertyName("audit_proof")] string AuditProof,
    [property: JsonPropertyName("granted_at")] long GrantedAt,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("max_uses")] int MaxUses,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/grant/create</c>: the caller grants an address so many mints for a service. It is on record, then
/// signed, then kept; a grant that the state database cannot keep never was.
/// </summary>
internal static class CreateGrant
{
    /// <summary>So many grants of one master may be live.</summary>
    public const int MostLive = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/grant/create", HandleAsync)
        .WithName("createGrant")
        .WithSummary("Grant an address so many mints for a service")
        .TakesBearer()
        .Accepts<CreateGrantRequest>("application/json")
        .Produces<CreateGrantAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, ChangeLimit limit, IGrantStore grants,
        GrantProofs proofs, ReleaseLedger ledger, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, GrantRelease.Kind, GrantRelease.RequestedRole);

        // 1. Who asks, and for what?
        var asked = await callers.ReadMasterAsync(attempt, GrantsJson.Default.CreateGrantRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var wanted = read.CheckedBy(new CreateGrantValidator(now));
        if (wanted.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);

        // 2. Not too often, and not too many.
        if (limit.Take(caller) is { } tooOften) return await attempt.RefuseAsync(tooOften);
        if (grants.CountLive(caller.Actor, now) >= MostLive)
        {
            return await attempt.RefuseAsync(new Refusal(
                GrantRefusals.TooManyGrants, $"an actor has at most {MostLive} live grants"));
        }

        // 3. On record, then signed, then kept.
        var release = new GrantRelease(
            RecordId.New(now), NewId(), TermsOf(caller, wanted.Value), now, caller, attempt.RequestId);
        var recorded = await ledger.RecordAsync(release, CancellationToken.None);
        var grant = new Grant(release.GrantId, release.Terms, now, UsedCount: 0, null, proofs.Sign(recorded));
        grants.Add(grant);
        return TypedResults.Ok(new CreateGrantAnswer(
            grant.Id, grant.AuditProof, now.ToUnixTimeSeconds(), wanted.Value.ExpiresAt, grant.Terms.MaxUses,
            recorded.Receipt.RecordId));
    }

    private static GrantTerms TermsOf(VerifiedCaller caller, CreateGrantRequest wanted) => new(
        caller.Actor, wanted.DaemonAddress.ToLowerInvariant(), wanted.Service, wanted.ScopePath,
        DateTimeOffset.FromUnixTimeSeconds(wanted.ExpiresAt), wanted.MaxUses);

    /// <summary><c>grn-</c> and 16 characters of base64url: 96 random bits.</summary>
    private static string NewId() => $"grn-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12))}";
}

/// <summary>Names every field that is wrong.</summary>
internal sealed class CreateGrantValidator : AbstractValidator<CreateGrantRequest>
{
    private const long LatestTime = 253_402_300_799;

    public CreateGrantValidator(DateTimeOffset now)
    {
        RuleFor(request => request.DaemonAddress)
            .Must(address => address.Length is >= 6 and <= 128
                && address.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                && address.All(char.IsAsciiLetterOrDigit))
            .WithMessage("daemon_address must be 0x and 4 to 126 letters or digits");
        RuleFor(request => request.Service)
            .Must(service => service.Length is > 0 and <= 64 && IsPrintable(service) && !service.Contains(' '))
            .WithMessage("service must be 1 to 64 printable ASCII characters without spaces");
        RuleFor(request => request.ScopePath)
            .Must(path => path.Length <= 256 && !path.Any(char.IsControl))
            .WithMessage("scope_path must be at most 256 printable characters");
        RuleFor(request => request.ExpiresAt)
            .Must(expiry => expiry > now.ToUnixTimeSeconds() && expiry <= LatestTime)
            .WithMessage("expires_at must be a time in the future, in unix seconds");
        RuleFor(request => request.MaxUses).GreaterThanOrEqualTo(1)
            .WithMessage($"max_uses must be between 1 and {int.MaxValue}");
    }

    private static bool IsPrintable(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
