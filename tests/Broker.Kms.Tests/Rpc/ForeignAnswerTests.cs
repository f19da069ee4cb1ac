using System.Net;
using System.Text;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

/// <summary>What others answer is not believed twice, and not repeated.</summary>
public sealed class ForeignAnswerTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await Webhook.StartAsync();

    [FixtureFact]
    public async Task A_webhook_that_says_a_name_twice_gives_no_answer()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);
        using var client = KmsClient.Plain(kms.Address);
        var twice = await File.ReadAllTextAsync(
            Fixtures.File("cases", "07-duplicate-isAllowed", "webhook-answer.json"));
        _webhook.Answer = (_, _) => Task.FromResult((200, twice));

        (await client.RefusalAsync("GetTempCaCert", "{}")).ShouldStartWith(
            "KMS self authorization failed: Failed to call self KMS auth check: failed to decode response from ");
        kms.Entries()[^1].Outcome.ShouldBe("backend_error");
    }

    [Theory]
    [InlineData(500, "{\"error\":\"db password is hunter2\"}")]
    [InlineData(200, "{\"isAllowed\":\"hunter2\"}")]
    [InlineData(200, "{\"hunter2\":1,\"hunter2\":2}")]
    public async Task Neither_address_nor_answer_of_the_webhook_are_repeated(int status, string body)
    {
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            WebhookUrl = _webhook.Url.Replace("http://", "http://user:s3cret@", StringComparison.Ordinal)
                + "/hook?token=t0ken",
        });
        using var client = KmsClient.Plain(kms.Address);
        _webhook.Answer = (_, _) => Task.FromResult((status, body));

        var refusal = await client.RefusalAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");

        refusal.ShouldContain($"{_webhook.Url}/hook");
        foreach (var text in (string[])[refusal, kms.Entries()[^1].OutcomeDetail!])
        {
            foreach (var secret in (string[])["hunter2", "s3cret", "t0ken", "user"]) text.ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task A_reason_of_the_policy_is_told_on_one_line_and_in_bounds()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);
        using var client = KmsClient.Plain(kms.Address);
        _webhook.Deny("no\n" + new string('x', 5000));

        var refusal = await client.RefusalAsync("GetTempCaCert", "{}");

        refusal.ShouldStartWith("KMS self authorization failed: KMS is not allowed: no xxx");
        refusal.Length.ShouldBeLessThan(400);
    }

    [Fact]
    public async Task A_request_that_says_a_name_twice_is_refused()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);
        using var client = KmsClient.Plain(kms.Address);
        var (one, other) = (new string('a', 40), new string('b', 40));

        (await client.RefusalAsync("GetAppEnvEncryptPubKey", $"{{\"app_id\":\"{one}\",\"app_id\":\"{other}\"}}"))
            .ShouldStartWith("malformed JSON");
        using var query = await client.SendAsync(
            HttpMethod.Get, $"/prpc/GetAppEnvEncryptPubKey?app_id={one}&app_id={other}");
        query.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await query.Content.ReadAsStringAsync()).ShouldContain("field app_id stands twice");
        using var cased = await client.SendAsync(HttpMethod.Get, $"/prpc/GetAppEnvEncryptPubKey?APP_ID={one}");
        (await cased.Content.ReadAsStringAsync()).ShouldContain("app_id must be 20 bytes");
    }

    [Theory]
    [InlineData("GetMeta", 16 * 1024)]
    [InlineData("GetAppEnvEncryptPubKey", 16 * 1024)]
    [InlineData("Nothing", 16 * 1024)]
    [InlineData("GetAppKey", 3 * 1024 * 1024)]
    public async Task A_body_is_bounded_by_its_method_before_it_is_read(string method, int most)
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);
        using var client = KmsClient.Plain(kms.Address);

        using var response = await client.SendAsync(
            HttpMethod.Post, $"/prpc/{method}?json", Encoding.ASCII.GetBytes(new string(' ', most + 1)));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldContain("payload too large");
    }

    [Fact]
    public async Task A_platform_that_is_revoked_loses_also_the_connection_that_it_has()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            CollateralMaxAge = TimeSpan.FromMilliseconds(200),
        });
        var machine = _datacentre.NewMachine();
        using var client = await KmsClient.AttestedAsync(kms.Address, new Guest(machine, "app"));
        await client.AnswerAsync("GetAppKey", "{}");

        _datacentre.Revoke(machine);

        var status = HttpStatusCode.OK;
        for (var attempt = 0; attempt < 1000 && status == HttpStatusCode.OK; attempt++)
        {
            (status, _) = await client.PostAsync("GetAppKey", "{}");
            await Task.Delay(10);
        }

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldStartWith("invalid quote: ");
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }
}
