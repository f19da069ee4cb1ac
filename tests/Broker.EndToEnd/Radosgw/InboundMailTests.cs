using System.Net;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// Inbound mail from a real S3: listed, read, filed by the router; and another actor's is denied by S3.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class InboundMailTests(RadosgwSite site) : IDisposable
{
    private const string Bucket = RadosgwSite.DataBucket;
    private const string Mail =
        "From: a@example.org\r\nSubject: Welcome\r\n\r\n"
        + "Your verification code is 271828. https://example.org/verify/1\r\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RadosgwFact]
    public async Task The_callers_mail_is_listed_and_read()
    {
        await PutAsync($"{site.Alice.Prefix}inbound/by-omni", Mail);
        await PutAsync($"bots/{site.Alice.Wallet}/inbound/by-wallet", Mail);

        var listed = (await site.Client.GetAsync("v1/mail", site.Alice)).Ok();

        var ids = listed.Body.GetProperty("messages").EnumerateArray()
            .Select(one => one.GetProperty("id").GetString()!);
        ids.Where(id => id.StartsWith("by-", StringComparison.Ordinal)).Order().ShouldBe(["by-omni", "by-wallet"]);
        foreach (var id in (string[])["by-omni", "by-wallet"])
        {
            var shown = (await site.Client.GetAsync($"v1/mail/{id}", site.Alice)).Ok();
            shown.Text("subject").ShouldBe("Welcome");
            shown.Text("verification_code").ShouldBe("271828");
            shown.Text("verification_link").ShouldBe("https://example.org/verify/1");
        }

        LedgerRows.NewestOf(site, site.Alice).Columns.RequestedRole.ShouldBe(RadosgwSite.DataRoleArn);
    }

    [RadosgwFact]
    public async Task Another_actors_message_is_unknown_here_and_denied_there()
    {
        var key = $"{site.Bob.Prefix}inbound/bobs";
        await PutAsync(key, Mail);

        var refused = await site.Client.GetAsync("v1/mail/bobs", site.Alice);
        refused.Status.ShouldBe(HttpStatusCode.NotFound, refused.Body.GetRawText());
        refused.Text("code").ShouldBe("inbox_message_unknown");
        (await site.Client.GetAsync("v1/mail/bobs", site.Bob)).Ok();

        // Credentials like those that the broker reads with: S3 itself says no.
        var (_, alice) = await site.MintAsync(site.Alice, "data");
        await alice.IsDeniedAsync("s3api", "get-object", "--bucket", Bucket, "--key", key, _folder.File("stolen"));
        await alice.IsDeniedAsync(
            "s3api", "list-objects-v2", "--bucket", Bucket, "--prefix", $"{site.Bob.Prefix}inbound/");
    }

    [RadosgwFact]
    public async Task The_router_files_a_message_under_its_wallet_and_its_owner_reads_it()
    {
        await PutAsync("inbound/routed-1", $"To: or-{site.Alice.Wallet}-1@bots.example.test\r\n{Mail}");
        await PutAsync("inbound/nobodys", Mail);

        var first = await RouteAsync();
        var second = await RouteAsync();

        first.OrThrow().Trim().ShouldBe("{\"routed\":1,\"skipped\":1}");
        second.OrThrow().Trim().ShouldBe("{\"routed\":0,\"skipped\":2}");
        (await site.Client.GetAsync("v1/mail/routed-1", site.Alice)).Ok().Text("verification_code").ShouldBe("271828");
        await site.Cluster.Admin.RunAsync("s3", "rm", "--recursive", $"s3://{Bucket}/inbound/");
    }

    private Task<CommandResult> RouteAsync() => Command.RunAsync(
        "dotnet", [BrokerProcess.Assembly, "route-mail", "--bucket", Bucket, "--once"],
        new Dictionary<string, string?>
        {
            ["AWS_ACCESS_KEY_ID"] = RadosgwCluster.AdminKeys.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = RadosgwCluster.AdminKeys.SecretAccessKey,
            ["AWS_ENDPOINT_URL_S3"] = site.Cluster.Endpoint.AbsoluteUri,
            ["AWS_CONFIG_FILE"] = "/dev/null",
            ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
        });

    private async Task PutAsync(string key, string text)
    {
        await File.WriteAllTextAsync(_folder.File("mail"), text);
        (await site.Cluster.Admin.RunAsync(
            "s3api", "put-object", "--bucket", Bucket, "--key", key, "--body", _folder.File("mail"))).OrThrow();
    }
}
