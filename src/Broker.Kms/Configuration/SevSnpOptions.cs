using Broker.Attestation.SevSnp.Reports;

namespace Broker.Kms.Configuration;

/// <summary>How evidence of AMD SEV-SNP machines is judged.</summary>
public sealed record SevSnpOptions
{
    /// <summary>Whether AMD's revocation list has to be there, and is asked for.</summary>
    public bool CheckRevocation { get; init; }

    /// <summary>Files of root certificates to trust in the place of AMD's; empty keeps AMD's.</summary>
    public string MilanRootCa { get; init; } = "";

    public string GenoaRootCa { get; init; } = "";

    public string TurinRootCa { get; init; } = "";

    /// <summary>Firmware that a machine has to reach; zeros ask for nothing.</summary>
    public TcbLevels MilanMinimumTcb { get; init; }

    public TcbLevels GenoaMinimumTcb { get; init; }

    public TcbLevels TurinMinimumTcb { get; init; }

    public string RootCa(ProcessorFamily family) => family switch
    {
        ProcessorFamily.Milan => MilanRootCa,
        ProcessorFamily.Genoa => GenoaRootCa,
        ProcessorFamily.Turin => TurinRootCa,
        _ => throw new ArgumentOutOfRangeException(nameof(family)),
    };

    public TcbLevels MinimumTcb(ProcessorFamily family) => family switch
    {
        ProcessorFamily.Milan => MilanMinimumTcb,
        ProcessorFamily.Genoa => GenoaMinimumTcb,
        ProcessorFamily.Turin => TurinMinimumTcb,
        _ => throw new ArgumentOutOfRangeException(nameof(family)),
    };
}
