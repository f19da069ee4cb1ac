using System.Globalization;
using System.IO.Compression;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// The s3 anchor and the archive of rows, judged by radosgw's Object Lock: what is anchored is there when the answer
/// leaves, is what the ledger signed, and cannot be removed.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class ObjectLockAnchorTests(RadosgwSite site) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Secp256k1PrivateKey _wallet = Secp256k1PrivateKey.Generate();

    private AwsCli Admin => site.Cluster.Admin;

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [RadosgwFact]
    public async Task A_release_leaves_when_the_bucket_holds_its_checkpoint_for_good()
    {
        var bucket = await NewBucketAsync(locked: true);
        await using var broker = await StartAsync(bucket, ("BROKER_AUDIT_S3_ARCHIVE_SECONDS", "1"));
        using var client = new BrokerClient(broker.Address);

        var session = await client.SignInAsync(_wallet);
        var minted = (await client.PostAsync("v1/mint-oidc-jwt", new { }, session)).Ok();

        minted.Body.GetProperty("anchored").EnumerateArray().Select(one => one.GetString()).ShouldBe(["sqlite", "s3"]);
        var newest = (await KeysAsync(bucket, "ours/checkpoints/")).Max(StringComparer.Ordinal).ShouldNotBeNull();
        long.Parse(newest[^20..], CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(2);
        var note = await GetAsync(bucket, newest);
        note.Split('\n')[1].ShouldBe(long.Parse(newest[^20..], CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture));

        var held = await Admin.JsonAsync("s3api", "get-object-retention", "--bucket", bucket, "--key", newest);
        held.GetProperty("Retention").GetProperty("Mode").GetString().ShouldBe("COMPLIANCE");
        var versions = await Admin.JsonAsync(
            "s3api", "list-object-versions", "--bucket", bucket, "--prefix", newest);
        var version = versions.GetProperty("Versions")[0].GetProperty("VersionId").GetString()!;
        await Admin.IsDeniedAsync(
            "s3api", "delete-object", "--bucket", bucket, "--key", newest, "--version-id", version);

        // The rows follow, compressed, each with its proof.
        var rows = await Eventually.AsksAsync(
            () => KeysAsync(bucket, "ours/rows/"), keys => keys.Count > 0, TimeSpan.FromSeconds(60));
        var archive = _folder.File("rows.gz");
        (await Admin.RunAsync("s3api", "get-object", "--bucket", bucket, "--key", rows[0], archive)).OrThrow();
        using var text = new StreamReader(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress));
        (await text.ReadToEndAsync()).ShouldContain("session_jwt");
    }

    [RadosgwFact]
    public async Task A_bucket_without_Object_Lock_stops_the_start()
    {
        var bucket = await NewBucketAsync(locked: false);

        var fault = await Should.ThrowAsync<Exception>(() => StartAsync(bucket));

        fault.Message.ShouldContain("BOOT_FAIL: BROKER_AUDIT_S3_BUCKET");
        fault.Message.ShouldContain("Object Lock");
    }

    private async Task<string> NewBucketAsync(bool locked)
    {
        var name = $"anchor-{Guid.NewGuid():n}";
        await Admin.JsonAsync(
            ["s3api", "create-bucket", "--bucket", name, .. locked ? ["--object-lock-enabled-for-bucket"] : (string[])[]]);
        return name;
    }

    private async Task<IReadOnlyList<string>> KeysAsync(string bucket, string prefix)
    {
        var listed = await Admin.JsonAsync("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", prefix);
        return listed.ValueKind == System.Text.Json.JsonValueKind.Object && listed.TryGetProperty("Contents", out var keys)
            ? [.. keys.EnumerateArray().Select(one => one.GetProperty("Key").GetString()!)]
            : [];
    }

    private async Task<string> GetAsync(string bucket, string key)
    {
        var file = _folder.File("object");
        (await Admin.RunAsync("s3api", "get-object", "--bucket", bucket, "--key", key, file)).OrThrow();
        return await File.ReadAllTextAsync(file);
    }

    private Task<BrokerProcess> StartAsync(string bucket, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["BROKER_STS_MODE"] = "web_identity",
            ["BROKER_AUDIT_ANCHORS"] = "sqlite,s3",
            ["BROKER_AUDIT_POLICY"] = "dual_strict",
            ["BROKER_AUDIT_S3_BUCKET"] = bucket,
            ["BROKER_AUDIT_S3_PREFIX"] = "ours/",
            ["BROKER_AUDIT_S3_RETENTION_DAYS"] = "1",
            ["DAEMON_ACCESS_KEY_ID"] = RadosgwCluster.AdminKeys.AccessKeyId,
            ["DAEMON_SECRET_ACCESS_KEY"] = RadosgwCluster.AdminKeys.SecretAccessKey,
            ["AWS_ENDPOINT_URL_S3"] = site.Cluster.Endpoint.AbsoluteUri,
            ["BROKER_DATA_ROLE_ARN"] = RadosgwSite.DataRoleArn,
        };
        foreach (var (name, value) in more) settings[name] = value;
        return BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free(), settings);
    }
}
