using System.Text.Json;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>What <c>aws s3</c> can do with credentials of the broker, where radosgw decides.</summary>
[Collection(RadosgwTests.Name)]
public sealed class OwnPrefixTests(RadosgwSite site) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RadosgwTheory]
    [InlineData("vault", RadosgwSite.VaultBucket)]
    [InlineData("data", RadosgwSite.DataBucket)]
    public async Task Credentials_write_read_list_and_delete_under_the_actors_own_prefix(string role, string bucket)
    {
        var (_, aws) = await site.MintAsync(site.Alice, role);
        var text = $"kept by {site.Alice.Wallet} for {role}";
        await File.WriteAllTextAsync(_folder.File("note.txt"), text);
        var address = $"s3://{bucket}/{site.Alice.Prefix}notes/note.txt";

        (await aws.RunAsync("s3", "cp", _folder.File("note.txt"), address)).OrThrow();
        (await aws.RunAsync("s3", "cp", address, _folder.File("read.txt"))).OrThrow();
        (await File.ReadAllTextAsync(_folder.File("read.txt"))).ShouldBe(text);
        (await aws.RunAsync("s3", "ls", $"s3://{bucket}/{site.Alice.Prefix}notes/"))
            .OrThrow().ShouldContain("note.txt");
        (await aws.RunAsync("s3", "rm", address)).OrThrow();
        (await aws.RunAsync("s3api", "head-object", "--bucket", bucket, "--key", $"{site.Alice.Prefix}notes/note.txt"))
            .Succeeded.ShouldBeFalse();
    }

    [RadosgwFact]
    public async Task The_data_role_also_reaches_the_prefix_of_the_wallet()
    {
        var (_, aws) = await site.MintAsync(site.Alice, "data");
        await File.WriteAllTextAsync(_folder.File("mail.txt"), "mail");

        (await aws.RunAsync(Put(RadosgwSite.DataBucket, $"bots/{site.Alice.Wallet}/mail.txt", "mail.txt"))).OrThrow();
        await aws.IsDeniedAsync(Put(RadosgwSite.DataBucket, $"bots/{site.Bob.Wallet}/mail.txt", "mail.txt"));
    }

    [RadosgwFact]
    public async Task Credentials_are_refused_on_another_actors_prefix()
    {
        const string bucket = RadosgwSite.VaultBucket;
        var (_, alice) = await site.MintAsync(site.Alice);
        var (_, bob) = await site.MintAsync(site.Bob);
        var key = $"{site.Bob.Prefix}secret.txt";
        await File.WriteAllTextAsync(_folder.File("secret.txt"), "bob's");
        (await bob.RunAsync(Put(bucket, key, "secret.txt"))).OrThrow();

        await Task.WhenAll(
            alice.IsDeniedAsync("s3api", "get-object", "--bucket", bucket, "--key", key, _folder.File("stolen.txt")),
            alice.IsDeniedAsync(Put(bucket, key, "secret.txt")),
            alice.IsDeniedAsync("s3api", "delete-object", "--bucket", bucket, "--key", key),
            alice.IsDeniedAsync("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", site.Bob.Prefix),
            alice.IsDeniedAsync("s3api", "list-objects-v2", "--bucket", bucket));

        // Nothing of it went through: the object is as Bob left it.
        File.Exists(_folder.File("stolen.txt")).ShouldBeFalse();
        (await bob.RunAsync("s3", "cp", $"s3://{bucket}/{key}", "-")).OrThrow().ShouldBe("bob's");
    }

    [RadosgwFact]
    public async Task Credentials_for_one_role_do_not_open_the_bucket_of_another()
    {
        var (_, vault) = await site.MintAsync(site.Alice, "vault");
        await File.WriteAllTextAsync(_folder.File("note.txt"), "note");

        await vault.IsDeniedAsync(Put(RadosgwSite.DataBucket, $"{site.Alice.Prefix}note.txt", "note.txt"));
    }

    [RadosgwFact]
    public async Task The_ledger_row_names_the_access_key_and_the_session()
    {
        var (minted, _) = await site.MintAsync(site.Alice);

        using var ledger = site.OpenLedger();
        var row = ledger.Find(minted.Text("audit_record_id")).ShouldNotBeNull();
        row.Columns.AccessKeyId.ShouldBe(minted.Text("access_key_id"));
        row.Columns.StsSessionName.ShouldBe($"agentkeys-{site.Alice.Wallet[..10]}-{minted.Text("audit_record_id")}");
        row.Columns.RequestedRole.ShouldBe(RadosgwSite.VaultRoleArn);
        row.Columns.RequesterWallet.ShouldBe(site.Alice.Wallet);
        row.Columns.ActorOmni.ShouldBe(site.Alice.Omni);
        row.Columns.Outcome.ShouldBe("ok");
        row.Columns.ExpiresAt.ShouldBe(minted.Number("expiration"));
        JsonElement.Parse(row.Columns.Evidence).GetProperty("sts_mode").GetString().ShouldBe("web_identity");
        row.ToCanonicalBytes().ShouldBe(Convert.FromBase64String(minted.Text("entry")));
    }

    [RadosgwFact]
    public async Task The_credentials_live_as_long_as_was_asked_for()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var minted = (await site.Client.PostAsync(
            "v1/mint-aws-creds", new { role = "vault", duration_seconds = 900 }, site.Alice)).Ok();
        var after = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        minted.Number("expiration").ShouldBeInRange(before + 900 - 1, after + 900 + 1);
    }

    [RadosgwFact]
    public async Task A_lifetime_that_the_role_does_not_allow_is_refused_by_sts_and_on_record()
    {
        // The role keeps the default of one hour at most.
        var refused = await site.Client.PostAsync(
            "v1/mint-aws-creds", new { role = "vault", duration_seconds = 43_200 }, site.Alice);

        refused.Status.ShouldBe(System.Net.HttpStatusCode.BadGateway);
        refused.Text("error").ShouldBe("sts_error");
        LedgerRows.NewestOf(site, site.Alice).Columns.Outcome.ShouldBe("sts_error");
    }

    private string[] Put(string bucket, string key, string file) =>
        ["s3api", "put-object", "--bucket", bucket, "--key", key, "--body", _folder.File(file)];
}
