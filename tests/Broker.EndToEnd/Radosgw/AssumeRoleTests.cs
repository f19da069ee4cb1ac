using System.Text.Json;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;
using Broker.Ledger.Sqlite;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// <c>BROKER_STS_MODE=assume_role</c> with static keys, judged by radosgw: it checks the SigV4 signature, the role's
/// trust in the user and the session policy. radosgw 16.2 reads neither <c>Tags</c> nor <c>TransitiveTagKeys</c> of
/// <c>AssumeRole</c>: it takes them without <c>sts:TagSession</c> in the trust policy and they have no effect, so tags
/// are not judged here.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class AssumeRoleTests(RadosgwSite site) : IAsyncLifetime
{
    private const string Role = "agentkeys-memory-role";
    private const string Bucket = "agentkeys-memory";

    private readonly TemporaryFolder _folder = new();
    private readonly Secp256k1PrivateKey _wallet = Secp256k1PrivateKey.Generate();

    public async Task InitializeAsync()
    {
        if (!RadosgwTools.Present) return;
        var admin = site.Cluster.Admin;
        if ((await admin.RunAsync("iam", "get-role", "--role-name", Role)).Succeeded) return;
        await admin.JsonAsync("s3api", "create-bucket", "--bucket", Bucket);
        await admin.JsonAsync("iam", "create-role", "--role-name", Role, "--assume-role-policy-document",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/admin"]},
            "Action":["sts:AssumeRole","sts:TagSession"]}]}
            """);
        await site.GrantBucketAsync(Role, Bucket);
    }

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [RadosgwFact]
    public async Task Static_keys_assume_the_role_for_the_actors_own_prefix()
    {
        await using var broker = await StartAsync(RadosgwCluster.AdminKeys);
        using var client = new BrokerClient(broker.Address);
        var session = await client.SignInAsync(_wallet);

        var minted = (await client.PostAsync("v1/mint-aws-creds", new { role = "memory" }, session)).Ok();

        var aws = new AwsCli(site.Cluster.Endpoint, AwsKeys.From(minted));
        await File.WriteAllTextAsync(_folder.File("note.txt"), "remembered");
        (await aws.RunAsync("s3", "cp", _folder.File("note.txt"), $"s3://{Bucket}/{session.Prefix}note.txt")).OrThrow();
        (await aws.RunAsync("s3", "cp", $"s3://{Bucket}/{session.Prefix}note.txt", "-"))
            .OrThrow().ShouldBe("remembered");
        await aws.IsDeniedAsync("s3", "cp", _folder.File("note.txt"), $"s3://{Bucket}/{site.Bob.Prefix}note.txt");

        using var ledger = SqliteLedger.OpenReader(_folder.File("audit.sqlite"));
        var row = ledger.Find(minted.Text("audit_record_id")).ShouldNotBeNull().Columns;
        row.AccessKeyId.ShouldBe(minted.Text("access_key_id"));
        JsonElement.Parse(row.Evidence).GetProperty("sts_mode").GetString().ShouldBe("assume_role");
    }

    [RadosgwFact]
    public async Task A_wrong_secret_is_an_sts_error_without_a_credential()
    {
        await using var broker = await StartAsync(RadosgwCluster.AdminKeys with { SecretAccessKey = "NOTADMINSECRET" });
        using var client = new BrokerClient(broker.Address);
        var session = await client.SignInAsync(_wallet);

        var refused = await client.PostAsync("v1/mint-aws-creds", new { role = "memory" }, session);

        refused.Status.ShouldBe(System.Net.HttpStatusCode.BadGateway, refused.Body.GetRawText());
        refused.Text("error").ShouldBe("sts_error");
        refused.Body.GetRawText().ShouldNotContain("NOTADMINSECRET");
        broker.Log.ShouldNotContain("NOTADMINSECRET");
    }

    // radosgw answers 405 to GetCallerIdentity, so the start does not ask for it.
    private Task<BrokerProcess> StartAsync(AwsKeys keys)
    {
        var settings = new Dictionary<string, string>
        {
            ["BROKER_STS_MODE"] = "assume_role",
            ["DAEMON_ACCESS_KEY_ID"] = keys.AccessKeyId,
            ["DAEMON_SECRET_ACCESS_KEY"] = keys.SecretAccessKey,
            ["AWS_ENDPOINT_URL_STS"] = site.Cluster.Endpoint.AbsoluteUri,
            ["BROKER_MEMORY_ROLE_ARN"] = RadosgwSite.ArnOf(Role),
            ["BROKER_MEMORY_BUCKET"] = Bucket,
        };
        return BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free(), settings, "--skip-startup-check");
    }
}
