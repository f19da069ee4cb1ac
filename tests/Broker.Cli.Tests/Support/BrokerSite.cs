using System.Security.Cryptography;

namespace Broker.Cli.Tests.Support;

/// <summary>
/// What a user of the command line has before it: a broker in development mode and the local cloud whose STS and S3
/// trust it, as processes. Started once for the tests of a class.
/// </summary>
public sealed class BrokerSite : IAsyncLifetime
{
    public const string MailBucket = "agentkeys-mail-000000000000";
    public const string VaultBucket = "agentkeys-vault-000000000000";
    private const string Roles = "arn:aws:iam::000000000000:role/agentkeys-";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("broker-site-");
    private ServerProcess? _broker;
    private ServerProcess? _cloud;

    public Uri Broker { get; private set; } = null!;

    /// <summary>STS and S3.</summary>
    public Uri Cloud { get; private set; } = null!;

    /// <summary>Of the broker.</summary>
    public string OperatorTokenFile => Path.Combine(_folder.FullName, "operator-token");

    /// <summary>Where the broker keeps the mails that it would send.</summary>
    public string DataFolder => Path.Combine(_folder.FullName, "data");

    public async Task InitializeAsync()
    {
        var port = ServerProcess.FreePort();
        Broker = new Uri($"http://127.0.0.1:{port}/");
        var cloudPort = ServerProcess.FreePort();
        Cloud = new Uri($"http://127.0.0.1:{cloudPort}/");
        var issuer = Broker.GetLeftPart(UriPartial.Authority);
        await File.WriteAllTextAsync(OperatorTokenFile, RandomNumberGenerator.GetHexString(64));
        File.SetUnixFileMode(OperatorTokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _cloud = await ServerProcess.StartAsync(
            "Broker.LocalCloud", _folder.FullName, new Uri(Cloud, "healthz"), [],
            "--port", $"{cloudPort}", "--issuer", issuer, "--quiet");
        _broker = await ServerProcess.StartAsync(
            "Broker", _folder.FullName, new Uri(Broker, "healthz"),
            [
                ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{port}"), ("BROKER_DATA_DIR", DataFolder),
                ("BROKER_LOG_LEVEL", "warn"), ("BROKER_AUTH_METHODS", "wallet_sig,email_link"),
                ("BROKER_EMAIL_FROM_ADDRESS", "broker@localhost"), ("BROKER_OPERATOR_TOKEN_FILE", OperatorTokenFile),
                ("AWS_ENDPOINT_URL_STS", Cloud.AbsoluteUri), ("AWS_ENDPOINT_URL_S3", Cloud.AbsoluteUri),
                ("BROKER_DATA_ROLE_ARN", $"{Roles}data-role"), ("BROKER_DATA_BUCKET", MailBucket),
                ("BROKER_VAULT_ROLE_ARN", $"{Roles}vault-role"), ("BROKER_VAULT_BUCKET", VaultBucket),
            ]);
    }

    public async Task DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        if (_cloud is not null) await _cloud.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>A user of this machine, with a home of its own and a wallet's key in it.</summary>
    internal async Task<CommandLineUser> UserAsync()
    {
        var user = new CommandLineUser(Broker);
        (await user.RunAsync("wallet", "new", "--key", user.KeyFile)).ShouldSucceed();
        return user;
    }

    /// <summary>The same, signed in.</summary>
    internal async Task<CommandLineUser> SignedInAsync()
    {
        var user = await UserAsync();
        (await user.RunAsync("login", "--wallet", user.KeyFile)).ShouldSucceed();
        return user;
    }
}
