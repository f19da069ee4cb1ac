using System.Security.Cryptography;
using Broker.Attestation.Apps;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Apps;

public class AppIdentityTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(21)]
    [InlineData(40)]
    public void An_app_id_has_20_bytes(int length)
    {
        AppId.TryFrom(new byte[length], out var id).ShouldBeFalse();

        Should.Throw<InvalidOperationException>(() => id.Bytes);
        Should.Throw<InvalidOperationException>(() => id.ToBytes());
        id.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Identities_are_equal_by_content_and_keep_their_own_bytes()
    {
        var bytes = Enumerable.Range(0, 20).Select(number => (byte)number).ToArray();
        AppId.TryFrom(bytes, out var app).ShouldBeTrue();
        var (compose, instance) = (new ComposeHash(bytes), new InstanceId(bytes));

        AppId.TryFrom(bytes.ToArray(), out var again).ShouldBeTrue();
        again.ShouldBe(app);
        again.GetHashCode().ShouldBe(app.GetHashCode());
        new ComposeHash(bytes.ToArray()).ShouldBe(compose);
        new InstanceId(bytes.ToArray()).ShouldBe(instance);

        bytes[0] = 0xff;
        app.ToString().ShouldBe("000102030405060708090a0b0c0d0e0f10111213");
        AppId.TryFrom(bytes, out var other).ShouldBeTrue();
        other.ShouldNotBe(app);
        new ComposeHash(bytes).ShouldNotBe(compose);
        new InstanceId(bytes).ShouldNotBe(instance);
    }

    [Fact]
    public void An_app_without_instances_has_an_empty_instance_id()
    {
        default(InstanceId).Bytes.IsEmpty.ShouldBeTrue();
        new InstanceId(default).ShouldBe(default);
    }

    [Fact]
    public void A_device_id_is_the_SHA256_of_the_PPID()
    {
        using var simulated = new Simulated();
        var platform = new QuoteVerifier(simulated.Anchors)
            .Verify(simulated.Quote(), simulated.Pki.IssueCollateral(Simulated.Now), Simulated.Now)
            .ShouldBeOfType<VerifiedQuote>().Platform;

        DeviceId.Of(platform).Bytes.ToArray().ShouldBe(SHA256.HashData(platform.Ppid.Span));
    }
}
