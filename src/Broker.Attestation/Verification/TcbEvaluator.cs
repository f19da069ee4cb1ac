using System.Collections.Immutable;

namespace Broker.Attestation.Verification;

/// <summary>
/// Finds the TCB levels of platform, TDX module and quoting enclave, and merges their statuses as Intel's quote
/// verification does.
/// </summary>
internal sealed class TcbEvaluator(TcbInfo tcbInfo, PckIdentity platform, IsvLevel qeLevel)
{
    /// <summary>The level of an enclave or module with this SVN: the highest one it reaches, or null.</summary>
    public static IsvLevel? LevelOf(ImmutableArray<IsvLevel> levels, int isvSvn)
    {
        foreach (var level in levels)
        {
            if (isvSvn >= level.IsvSvn) return level;
        }

        return null;
    }

    /// <summary>An SGX enclave's platform; null when it is below every level.</summary>
    public TcbEvaluation? EvaluateSgx()
        => PlatformLevel([], 0) is { } level ? Merge(level, module: null) : null;

    /// <summary>
    /// A trust domain's platform with the TDX module of these SVNs; null when either is below every level.
    /// </summary>
    public TcbEvaluation? EvaluateTdx(ReadOnlySpan<byte> teeTcbSvn)
    {
        var major = teeTcbSvn[1];

        // Components 0 and 1 are the module's minor and major version. Between generations of modules a comparison of
        // numbers means nothing: from version 1 on the module's own identity judges it.
        if (PlatformLevel(teeTcbSvn, firstComponent: major > 0 ? 2 : 0) is not { } level) return null;
        if (major == 0) return Merge(level, module: null);
        return TdxModuleMatch.Find(tcbInfo, major) is { } identity
            && LevelOf(identity.Levels, teeTcbSvn[0]) is { } module
            ? Merge(level, module)
            : null;
    }

    /// <summary>
    /// The verdict on a TD whose module was updated under it: launched outdated but current now means that starting it
    /// again suffices. In every other case what it was launched with stands.
    /// </summary>
    public static TcbStatus WithCurrentModule(TcbStatus launch, TcbStatus current)
    {
        var launchedOutdated = launch is TcbStatus.OutOfDate or TcbStatus.OutOfDateConfigurationNeeded;
        var isCurrent = current is TcbStatus.UpToDate or TcbStatus.SWHardeningNeeded
            or TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded;
        if (!launchedOutdated || !isCurrent) return launch;

        return launch == TcbStatus.OutOfDateConfigurationNeeded
            || current is TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded
            ? TcbStatus.TDRelaunchAdvisedConfigurationNeeded
            : TcbStatus.TDRelaunchAdvised;
    }

    private TcbLevel? PlatformLevel(ReadOnlySpan<byte> teeTcbSvn, int firstComponent)
    {
        foreach (var level in tcbInfo.Levels)
        {
            if (platform.PceSvn >= level.PceSvn
                && Reaches(platform.SgxTcbComponents.AsSpan(), level.SgxComponents.AsSpan(), 0)
                && (teeTcbSvn.IsEmpty || Reaches(teeTcbSvn, level.TdxComponents.AsSpan(), firstComponent)))
            {
                return level;
            }
        }

        return null;
    }

    private static bool Reaches(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> wanted, int firstComponent)
    {
        for (var i = firstComponent; i < wanted.Length; i++)
        {
            if (actual[i] < wanted[i]) return false;
        }

        return true;
    }

    private TcbEvaluation Merge(TcbLevel level, IsvLevel? module)
    {
        var advisories = level.AdvisoryIds.Concat(module?.AdvisoryIds ?? []).Concat(qeLevel.AdvisoryIds)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray();
        var oldest = level.TcbDate < qeLevel.TcbDate ? level.TcbDate : qeLevel.TcbDate;
        if (module is not null && module.TcbDate < oldest) oldest = module.TcbDate;

        return new TcbEvaluation(
            MergeStatus(level.Status, module?.Status, qeLevel.Status),
            level.Status, module?.Status, qeLevel.Status, advisories, oldest);
    }

    private static TcbStatus MergeStatus(TcbStatus platformStatus, TcbStatus? module, TcbStatus qe)
    {
        if (platformStatus == TcbStatus.Revoked || module == TcbStatus.Revoked || qe == TcbStatus.Revoked)
        {
            return TcbStatus.Revoked;
        }

        if (module != TcbStatus.OutOfDate && qe != TcbStatus.OutOfDate) return platformStatus;
        return platformStatus switch
        {
            TcbStatus.UpToDate or TcbStatus.SWHardeningNeeded => TcbStatus.OutOfDate,
            TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded
                => TcbStatus.OutOfDateConfigurationNeeded,
            _ => platformStatus,
        };
    }
}
