using System.Text.Json.Serialization;

namespace Broker.Cli.Doctor;

/// <summary>How bad a finding is. AWS or a caller is refused at a fault; a warning may be meant so.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Fault,
}

/// <param name="Check">Stable, for scripts.</param>
/// <param name="Fix">What to do; null where nothing is to be done.</param>
internal sealed record Finding(
    string Check, Verdict Verdict, string Found,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Fix = null);

/// <summary>What the doctor has found so far, in the order in which it looked.</summary>
internal sealed class Findings
{
    private readonly List<Finding> _all = [];

    public IReadOnlyList<Finding> All => _all;

    public bool HasFault => _all.Any(finding => finding.Verdict == Verdict.Fault);

    public void Ok(string check, string found) => _all.Add(new Finding(check, Verdict.Ok, found));

    public void Warning(string check, string found, string fix) =>
        _all.Add(new Finding(check, Verdict.Warning, found, fix));

    public void Fault(string check, string found, string fix) =>
        _all.Add(new Finding(check, Verdict.Fault, found, fix));

    /// <summary>What AWS demands of an issuer, of which a broker on a laptop has no need: its cloud is local.</summary>
    public void FaultOffALaptop(bool isLaptop, string check, string found, string fix)
    {
        if (isLaptop) Warning(check, $"{found}; AWS refuses that, a local cloud does not", fix);
        else Fault(check, found, fix);
    }
}

/// <summary>The answer of <c>doctor --json</c>.</summary>
internal sealed record DoctorAnswer(string BrokerUrl, string? Issuer, bool Healthy, IReadOnlyList<Finding> Findings);

[JsonSerializable(typeof(DoctorAnswer))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    public static DoctorJson Indented { get; } = new(Terminal.JsonOutput.Indented);
}
