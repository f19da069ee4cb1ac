using System.Collections.Immutable;
using System.Text.Json;

namespace Broker.Attestation.Verification;

/// <summary>Reads the levels of a TDX module or of the quoting enclave: one SVN each.</summary>
internal static class IsvLevelReader
{
    /// <summary>More levels or advisories than this are in no collateral of Intel's.</summary>
    public const int Most = 256;

    private static readonly TcbStatus[] Allowed = [TcbStatus.UpToDate, TcbStatus.OutOfDate, TcbStatus.Revoked];

    /// <summary>
    /// Highest first. Two levels with the same SVN would make the verdict depend on their order: a fault.
    /// </summary>
    public static ImmutableArray<IsvLevel> Read(SignedJson json, JsonElement parent)
    {
        var levels = new List<IsvLevel>();
        foreach (var element in json.Objects(parent, "tcbLevels", Most))
        {
            levels.Add(new IsvLevel(
                (ushort)json.Integer(json.Object(element, "tcb"), "isvsvn", ushort.MaxValue),
                json.Status(element, "tcbStatus", Allowed),
                json.Date(element, "tcbDate"),
                json.OptionalTexts(element, "advisoryIDs", Most)));
        }

        levels.Sort((left, right) => right.IsvSvn.CompareTo(left.IsvSvn));
        for (var i = 1; i < levels.Count; i++)
        {
            if (levels[i].IsvSvn == levels[i - 1].IsvSvn) json.Fail("duplicate isvsvn");
        }

        return [.. levels];
    }
}
