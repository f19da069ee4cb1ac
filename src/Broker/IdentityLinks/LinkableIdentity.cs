using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.IdentityLinks;

/// <summary>An identity as links are kept by it, in the normal form of contract §7.1.</summary>
internal sealed record LinkableIdentity(string Type, string Value)
{
    private const int LongestType = 32;
    private const int LongestValue = 320;

    /// <summary>As a caller names it: an address or a mailbox in any case.</summary>
    public static Result<LinkableIdentity> Parse(string type, string value)
    {
        if (type.Length is 0 or > LongestType || !type.All(IsOfType))
            return Wrong("identity_type must be evm, email, oauth2_google or another kind of identity");
        var trimmed = value.Trim();
        if (trimmed.Length is 0 or > LongestValue || trimmed.Any(char.IsControl))
            return Wrong($"identity_value must be 1 to {LongestValue} printable characters");
        if (type != IdentityType.Evm)
            return new LinkableIdentity(type, type == "email" ? trimmed.ToLowerInvariant() : trimmed);
        return EthereumAddress.TryParse(trimmed, out var address)
            ? new LinkableIdentity(type, address.ToString())
            : Wrong("identity_value of evm must be 0x and 40 hex digits");
    }

    /// <summary>The identity's own actor: how the ledger names it, so that no mailbox is on record for ever.</summary>
    public ActorOmni OmniAt(string clientId) => ActorOmni.Of(clientId, Type, Value);

    private static bool IsOfType(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_';

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}

/// <summary>An identity that is linked to an actor.</summary>
/// <param name="IsProven">True where the identity itself was proven too; a claim of the actor alone is not.</param>
internal sealed record IdentityLink(
    LinkableIdentity Identity, ActorOmni Omni, DateTimeOffset LinkedAt, bool IsProven);

/// <summary>What became of an attempt to link.</summary>
internal enum LinkOutcome
{
    /// <summary>It waits for its record; until then it counts for nothing.</summary>
    Begun,

    /// <summary>It was linked to this actor before.</summary>
    AlreadyLinked,

    /// <summary>It is linked to another actor.</summary>
    Taken,
}
