using Broker.Foundation;
using Broker.Http;

namespace Broker.Releases;

/// <summary>
/// The caller may say what the credential is for. It decides nothing; it goes on record, so it is short and plain.
/// </summary>
internal sealed class ReasonCheck : IReleaseCheck
{
    private const string Name = "reason";
    private const int Longest = 200;

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Wanted.Reason is not { } reason) return new PolicyCheck(Name, "none given");
        return PlainText.IsPlain(reason, Longest)
            ? new PolicyCheck(Name, reason)
            : PolicyCheck.Refused(Name, HttpRefusals.InvalidField,
                $"reason must be 1 to {Longest} printable characters, without blanks at its ends");
    }
}
