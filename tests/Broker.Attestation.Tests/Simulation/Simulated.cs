using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Simulation;

/// <summary>A hierarchy made once for a test class, and what tests do with it.</summary>
public sealed class Simulated : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 30, 0, TimeSpan.Zero);

    public static readonly ExternalTrustAnchorOptions Consent = new() { InsecureAllowExternalTrustAnchors = true };

    public SimulatedPki Pki { get; } = SimulatedPki.Create(Now.AddMonths(-1));

    public TrustAnchors Anchors => TrustAnchors.External(Pki.Root, Consent);

    public SimulatedMachine Machine(TcbStatus status = TcbStatus.UpToDate, bool expired = false) => Pki.CreateMachine(
        new SimulatedPlatform { Ppid = new byte[16], TcbStatus = status, CertificateExpired = expired }, Now);

    /// <summary>A quote of an unremarkable TD on a machine that is up to date.</summary>
    public byte[] Quote(SimulatedTd? td = null)
    {
        using var machine = Machine();
        return machine.Quote((td ?? new SimulatedTd()).Report(new byte[64]));
    }

    public void Dispose() => Pki.Dispose();
}
