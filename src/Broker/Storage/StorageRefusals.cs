using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Storage;

/// <summary>Why a request is refused for want of the state database.</summary>
internal static class StorageRefusals
{
    public static readonly RefusalCode StateUnavailable = new(
        "state_unavailable", "internal", Status503ServiceUnavailable, Refused.TryLater, null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        StateUnavailable,
    ];
}
