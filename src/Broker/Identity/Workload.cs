using Broker.Ledger;

namespace Broker.Identity;

/// <summary>
/// A program for which a configured foreign issuer vouched: a job of a CI system, a service account, a SPIFFE workload.
/// </summary>
/// <param name="Issuer">As the operator's file has it; no <c>#</c> is in it.</param>
/// <param name="Subject">The <c>sub</c> of its token.</param>
/// <param name="Rule">The rule of the issuer that it met.</param>
internal sealed record Workload(string Issuer, string Subject, string Rule)
{
    /// <summary>
    /// The <c>identity_type</c>: people sign in at providers under other ones, so that none of them has such an actor.
    /// </summary>
    public const string IdentityType = "workload";

    /// <summary>The identity's value: a subject means nothing without its issuer.</summary>
    public string Value => $"{Issuer}#{Subject}";

    /// <summary>Its actor, by the rule of every identity (contract §7.1).</summary>
    public ActorOmni OmniAt(string clientId) => ActorOmni.Of(clientId, IdentityType, Value);

    /// <summary>Null where the value is not of such a form.</summary>
    public static Workload? Of(string value, string? rule) =>
        rule is { Length: > 0 } && value.IndexOf('#', StringComparison.Ordinal) is > 0 and var split
            ? new Workload(value[..split], value[(split + 1)..], rule)
            : null;

    /// <summary>What an entry says of it.</summary>
    public EntryEvidence On(EntryEvidence evidence) => evidence
        .With("foreign_issuer", Issuer).With("foreign_rule", Rule).With("foreign_subject", Subject);
}
