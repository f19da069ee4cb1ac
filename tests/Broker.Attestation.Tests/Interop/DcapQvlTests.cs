using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Tests.Verification;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Interop;

public class DcapQvlTests(Simulated simulated) : IClassFixture<Simulated>
{
    [DcapQvlFact]
    public void Accepts_every_quote_of_the_simulator_that_we_accept_at_the_same_status()
    {
        using var other = new DcapQvl();
        var collateral = simulated.Pki.IssueCollateral(Simulated.Now);
        var statuses = Enum.GetValues<TcbStatus>().Where(each => each <= TcbStatus.OutOfDateConfigurationNeeded);
        foreach (var status in statuses)
        {
            using var machine = simulated.Machine(status);
            foreach (var type in (QuoteBodyType[])[QuoteBodyType.TdReport10, QuoteBodyType.TdReport15])
            {
                var quote = machine.Quote(new SimulatedTd().Report(new byte[64], type));

                OurStatus(quote, collateral).ShouldBe(status.ToString());
                other.StatusOf(quote, collateral, simulated.Anchors, Simulated.Now)
                    .ShouldBe(status.ToString(), $"{type}");
            }
        }
    }

    [DcapQvlFact]
    public void Accepts_what_we_refuse_only_through_its_known_gaps()
    {
        using var other = new DcapQvl();
        var accepted = new Dictionary<string, string>();
        foreach (var (name, gap, quote, collateral) in Bad())
        {
            OurStatus(quote, collateral).ShouldBeNull(name);
            var theirs = other.StatusOf(quote, collateral, simulated.Anchors, Simulated.Now);
            if (theirs is not null && gap is null) accepted[name] = theirs;
            if (theirs is null && gap is not null) accepted[name] = $"the gap is closed: {gap}";
        }

        accepted.ShouldBeEmpty();
    }

    [DcapQvlFact(needsFixtures: true)]
    public void Differs_on_the_fixtures_exactly_where_its_gaps_are()
    {
        using var other = new DcapQvl();
        var differs = new List<string>();
        foreach (var id in VerdictCases.Ids)
        {
            var given = VerdictCases.Load(id);
            var verdict = new QuoteVerifier(given.Root).Verify(given.Quote, given.Collateral.Collateral!, given.Now);
            var ours = (verdict as VerifiedQuote)?.Status.ToString();
            if (ours != other.StatusOf(given.Quote, given.Collateral.Collateral!, given.Root, given.Now))
            {
                differs.Add(id);
            }
        }

        differs.ShouldBe(DcapQvlGaps.OfFixtures.Keys, ignoreOrder: true);
    }

    /// <summary>
    /// Quotes and collateral that we refuse, with the gap through which the other lets them pass, if it does.
    /// </summary>
    private IEnumerable<(string Name, string? Gap, byte[] Quote, QuoteCollateral Collateral)> Bad()
    {
        var good = simulated.Pki.IssueCollateral(Simulated.Now);
        var quote = simulated.Quote();
        using var revoked = simulated.Machine();
        using var revokedLevel = simulated.Machine(TcbStatus.Revoked);
        using var expired = simulated.Machine(expired: true);
        using var stranger = SimulatedPki.Create(Simulated.Now.AddMonths(-1));
        var foreign = stranger.IssueCollateral(Simulated.Now);
        var plain = new SimulatedTd().Report(new byte[64]);

        byte[] With(TdAttributes attributes) => simulated.Quote(new SimulatedTd { Attributes = attributes });

        yield return ("debug TD", null, With(TdAttributes.SeptVeDisable | TdAttributes.Debug), good);
        yield return ("host can inject #VE", null, With(TdAttributes.None), good);
        yield return ("migratable TD", null, With(TdAttributes.SeptVeDisable | TdAttributes.Migratable), good);
        yield return ("revoked level", null, revokedLevel.Quote(plain), good);
        yield return ("expired certificate", null, expired.Quote(plain), good);
        yield return (
            "revoked certificate", null, revoked.Quote(plain),
            simulated.Pki.IssueCollateral(Simulated.Now, revoked.PckSerial));
        yield return ("expired collateral", null, quote, simulated.Pki.IssueCollateral(Simulated.Now.AddDays(-60)));
        yield return ("another hierarchy's collateral", null, quote, foreign);
        yield return (
            "another hierarchy's PCK CRL", DcapQvlGaps.Revocation, quote, good with { PckCrl = foreign.PckCrl });
        yield return (
            "another hierarchy's root CRL", DcapQvlGaps.Revocation, quote, good with { RootCaCrl = foreign.RootCaCrl });
        yield return ("no PCK CRL", DcapQvlGaps.Revocation, quote, good with { PckCrl = default });
        yield return ("no root CRL", DcapQvlGaps.Revocation, quote, good with { RootCaCrl = default });
        yield return ("report data patched", null, Patched(quote, 48 + TdReportLayout.ReportData.Offset), good);
        yield return ("MRTD patched", null, Patched(quote, 48 + TdReportLayout.MrTd.Offset), good);
        yield return ("quote signature patched", null, Patched(quote, 640), good);
        yield return ("QE report patched", null, Patched(quote, 770), good);
        var tcbInfo = good.TcbInfo.Replace("\"svn\":10", "\"svn\":11", StringComparison.Ordinal);
        yield return ("TCB info edited", null, quote, good with { TcbInfo = tcbInfo });
        var qeIdentity = good.QeIdentity.Replace("\"isvsvn\":6", "\"isvsvn\":5", StringComparison.Ordinal);
        yield return ("QE identity edited", null, quote, good with { QeIdentity = qeIdentity });
        yield return ("truncated", null, quote[..^40], good);
    }

    private string? OurStatus(byte[] quote, QuoteCollateral collateral)
    {
        var verdict = new QuoteVerifier(simulated.Anchors).Verify(quote, collateral, Simulated.Now);
        return (verdict as VerifiedQuote)?.Status.ToString();
    }

    private static byte[] Patched(byte[] quote, int offset)
    {
        var patched = (byte[])quote.Clone();
        patched[offset] ^= 1;
        return patched;
    }
}
