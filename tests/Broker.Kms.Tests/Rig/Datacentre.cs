using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Kms.Tests.Rig;

/// <summary>Simulated machines of one maker, and the verifier that trusts that maker.</summary>
internal sealed class Datacentre : IDisposable, ICollateralOrigin
{
    private readonly SimulatedPki _pki = SimulatedPki.Create(DateTimeOffset.UtcNow);
    private readonly List<string> _revoked = [];
    private int _nextPpid;

    public Datacentre()
    {
        var consent = new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true };
        Verifier = new CollateralBackedVerifier(TrustAnchors.External(_pki.Root, consent), this);
    }

    public CollateralBackedVerifier Verifier { get; }

    /// <summary>The root certificate of the maker, DER.</summary>
    public byte[] Root => _pki.Root.ToArray();

    /// <summary>How many quotes were judged: each asks for collateral once.</summary>
    public int Judged { get; private set; }

    public SimulatedMachine NewMachine(Func<SimulatedPlatform, SimulatedPlatform>? alter = null)
    {
        var ppid = new byte[16];
        ppid[15] = (byte)++_nextPpid;
        var platform = new SimulatedPlatform { Ppid = ppid };
        return _pki.CreateMachine(alter?.Invoke(platform) ?? platform, DateTimeOffset.UtcNow);
    }

    public void Revoke(SimulatedMachine machine) => _revoked.Add(machine.PckSerial);

    public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
    {
        Judged++;
        return Task.FromResult(_pki.IssueCollateral(DateTimeOffset.UtcNow, _revoked));
    }

    public void Dispose() => _pki.Dispose();
}
