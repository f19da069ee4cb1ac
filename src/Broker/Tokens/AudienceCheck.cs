using Broker.Http;
using Broker.Releases;

namespace Broker.Tokens;

/// <summary>The token's audience is one that the operator has named; a role is AWS's alone.</summary>
internal sealed class AudienceCheck(TokenOptions options) : IReleaseCheck
{
    private const string Name = "audience";

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Wanted.Audience is not { } wanted) return new PolicyCheck(Name, Audiences.Aws);
        if (options.Audiences.Find(wanted) is not { } found)
        {
            return PolicyCheck.Refused(Name, TokenRefusals.UnknownAudience,
                $"audience must be one of {string.Join(", ", options.Audiences.All.Select(one => one.Name))}");
        }

        if (found.Name != Audiences.Aws && request.Wanted.Role is not null)
        {
            return PolicyCheck.Refused(Name, HttpRefusals.InvalidField,
                $"role goes with the audience {Audiences.Aws} alone");
        }

        request.Audience = found.Name;
        return new PolicyCheck(Name, $"{found.Name}, signed with {found.Algorithm}");
    }
}
