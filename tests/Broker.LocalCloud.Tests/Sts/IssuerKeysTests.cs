using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Sts;

/// <summary>How the keys of an issuer are found, kept, and refused.</summary>
public sealed class IssuerKeysTests : IAsyncLifetime
{
    private CloudUnderTest _cloud = null!;

    public async Task InitializeAsync() => _cloud = await CloudUnderTest.StartAsync();

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    [Fact]
    public async Task Fetches_the_keys_once_and_again_for_an_unknown_kid()
    {
        await _cloud.AssumeAsync();
        await _cloud.AssumeAsync();
        _cloud.Issuer.KeyRequests.ShouldBe(1);

        _cloud.Issuer.Rotate();
        await _cloud.AssumeAsync();
        _cloud.Issuer.KeyRequests.ShouldBe(2);
    }

    [Fact]
    public async Task Forgets_withdrawn_keys_after_a_while()
    {
        await _cloud.AssumeAsync();
        var old = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        _cloud.Issuer.Rotate();
        _cloud.SetClockAhead(TimeSpan.FromMinutes(2));

        (await _cloud.RefusalOfAsync(old)).Message.ShouldStartWith("Couldn't retrieve verification key");
    }

    [Fact]
    public async Task A_token_without_kid_needs_an_issuer_with_one_key()
    {
        using var sts = _cloud.Sts();
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.WebIdentityToken = _cloud.Issuer.Sign(_cloud.Issuer.Claims(), new JsonObject { ["alg"] = "ES256" });
        (await sts.AssumeRoleWithWebIdentityAsync(request)).Credentials.ShouldNotBeNull();

        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _cloud.Issuer.Jwks["keys"]!.AsArray().Add(TestIssuer.PublicJwk(second, "second"));
        _cloud.SetClockAhead(TimeSpan.FromMinutes(2));
        (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("InvalidIdentityToken");
    }

    [Fact]
    public async Task Accepts_x5c_of_the_same_key_and_refuses_another_ones()
    {
        var jwk = _cloud.Issuer.Jwks["keys"]![0]!.AsObject();
        jwk["x5c"] = new JsonArray(TestIssuer.Certificate(_cloud.Issuer.Key));
        await _cloud.AssumeAsync();

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        jwk["x5c"] = new JsonArray(TestIssuer.Certificate(other));
        _cloud.SetClockAhead(TimeSpan.FromMinutes(2));
        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(_cloud.Issuer.Claims()))).Code
            .ShouldBe("InvalidIdentityToken");
    }

    [Theory]
    [InlineData("key_ops", """["verify"]""")]
    [InlineData("use", "\"enc\"")]
    [InlineData("x", "\"AAAA\"")]
    [InlineData("y", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")]
    [InlineData("kty", "\"oct\"")]
    [InlineData("crv", "\"secp256k1\"")]
    public async Task Does_not_use_a_key_that_AWS_would_not(string member, string value)
    {
        _cloud.Issuer.Jwks["keys"]![0]![member] = JsonNode.Parse(value);

        var refusal = await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(_cloud.Issuer.Claims()));

        refusal.Code.ShouldBe("InvalidIdentityToken");
    }

    [Fact]
    public async Task Says_so_when_the_issuer_does_not_answer()
    {
        _cloud.Issuer.Broken = true;

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(_cloud.Issuer.Claims()))).Code
            .ShouldBe("IDPCommunicationError");

        _cloud.Issuer.Broken = false;
        await _cloud.AssumeAsync();
    }

    [Fact]
    public async Task Says_so_when_discovery_names_another_issuer()
    {
        _cloud.Issuer.DiscoveredIssuer += "/";

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(_cloud.Issuer.Claims()))).Code
            .ShouldBe("IDPCommunicationError");
    }

    [Fact]
    public async Task Refuses_an_issuer_with_more_than_a_hundred_keys_of_a_type()
    {
        var keys = _cloud.Issuer.Jwks["keys"]!.AsArray();
        for (var n = 0; n < 100; n++) keys.Add(TestIssuer.PublicJwk(_cloud.Issuer.Key, $"more-{n}"));

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(_cloud.Issuer.Claims()))).Message
            .ShouldContain("100 keys");
    }
}
