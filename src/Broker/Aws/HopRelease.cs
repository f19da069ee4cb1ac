using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Roles;

namespace Broker.Aws;

/// <summary>
/// Credentials of a role that is assumed on the way to another. They do not leave the broker; what they open does, so
/// they are on record first. They spend no budget: what is at the end of the way does.
/// </summary>
internal sealed record HopRelease(StsSession Session, StsCredentials Credentials, RoleArn Next) : IRelease
{
    public static readonly EntryKind Kind = new("aws_role_hop");

    public LedgerEntry ToEntry()
    {
        var mint = Session.Mint;
        return new LedgerEntry
        {
            RecordId = mint.RecordId,
            MintedAt = mint.IssuedAt,
            Kind = Kind,
            Outcome = LedgerOutcome.Ok,
            RequestedRole = Session.Role.Arn.Text,
            Actor = mint.Caller.OnRecord,
            Bearer = mint.Caller.BearerHash,
            Lifetime = mint.Lifetime,
            Session = EntrySession.Of(Session.Name),
            Detail = $"to assume {Next}",
            Subject = mint.Subject,
            RequestId = mint.RequestId,
            AccessKeyId = Credentials.AccessKeyId,
            ExpiresAt = Credentials.Expiration,
        };
    }
}
