using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary>A signed mint may hold any number of RFC 8785; it is signed as ECMAScript prints it (§3.2.2.3).</summary>
public sealed class SignedNumbersTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("56.0", "56")]
    [InlineData("0.5", "0.5")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1e3", "1000")]
    [InlineData("-0.0", "0")]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    public async Task Takes_every_number(string written, string signed)
    {
        (await MintAsync(written, signed)).ShouldBeOk();

        if (written == signed) return;
        (await MintAsync(written, written)).ShouldRefuse(401, "unauthorized", "signature_mismatch");
    }

    [Fact]
    public async Task Refuses_a_number_that_no_double_holds() =>
        (await MintAsync("1e400", "1e400")).ShouldRefuse(400, "bad_request", "invalid_field")["message"]!
            .ShouldContain("range of a double");

    private Task<Answer> MintAsync(string written, string signed)
    {
        var body = SignedMintBody.Unsigned(_wallet.Address, _broker.Clock.Now);
        body["zz"] = "NUMBER";
        var canonical = Encoding.UTF8.GetString(SignedMintBody.Canonical(body));
        body["auth"]!["signature"] =
            _wallet.Sign(canonical.Replace("\"NUMBER\"", signed, StringComparison.Ordinal));
        return _broker.PostRawAsync(
            "/v1/mint-aws-creds", body.ToJsonString().Replace("\"NUMBER\"", written, StringComparison.Ordinal),
            _session);
    }
}
