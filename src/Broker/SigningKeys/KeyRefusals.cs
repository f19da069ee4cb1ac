using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.SigningKeys;

/// <summary>Why nothing is answered yet.</summary>
internal static class KeyRefusals
{
    public static readonly RefusalCode NotOnboarded = new(
        "kms_not_onboarded", "not_ready", Status503ServiceUnavailable, Refused.TryLater, null);
}
