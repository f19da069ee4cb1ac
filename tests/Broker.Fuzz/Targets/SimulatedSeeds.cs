using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

/// <summary>
/// Seeds that need no fixtures: one simulated machine, its quotes, its collateral and what a guest on it attests.
/// </summary>
internal static class SimulatedSeeds
{
    public static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    private static readonly SimulatedPki Pki = SimulatedPki.Create(Now.AddMonths(-1));
    private static readonly SimulatedMachine Machine = Pki.CreateMachine(
        new SimulatedPlatform { Ppid = new byte[16] }, Now);

    public static QuoteCollateral Collateral { get; } = Pki.IssueCollateral(Now, Machine.PckSerial);

    public static QuoteCollateral CleanCollateral { get; } = Pki.IssueCollateral(Now);

    public static TrustAnchors Anchors { get; } = TrustAnchors.External(
        Pki.Root, new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true });

    public static byte[] Quote { get; } = Machine.Quote(new SimulatedTd().Report(new byte[64]));

    public static byte[] Quote15 { get; } = Machine.Quote(
        new SimulatedTd().Report(new byte[64], QuoteBodyType.TdReport15));

    public static TdxAttestation Attestation { get; } = SimulatedGuest.FromEvents(
            Machine, QuoteBodyType.TdReport10, new SimulatedTd(),
            SimulatedGuest.OrdinaryBoot(new byte[20], new byte[32], new byte[20], """{"name":"kms","id":"00"}"""),
            """{"os_image_hash":"aa","cpu_count":2}""")
        .Attest(new byte[64]);
}
