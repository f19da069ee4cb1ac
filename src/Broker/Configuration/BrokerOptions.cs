using System.Net;
using Broker.Aws;
using Broker.Ledger.Refusals;

namespace Broker.Configuration;

/// <summary>All settings, read and checked once at boot; one record per feature.</summary>
internal sealed record BrokerOptions(
    ListenOptions Listen,
    IssuerOptions Issuer,
    KeyFileOptions Keys,
    SessionOptions Sessions,
    WalletSignInOptions Wallet,
    BackendOptions? Backend,
    LedgerFileOptions Ledger,
    AuditOptions Audit,
    AwsOptions Aws,
    LimitOptions Limits,
    OperationsOptions Operations,
    string ClientId)
{
    /// <summary>Reads every setting; the issuer's fault comes first (contract §6.2).</summary>
    /// <exception cref="BootFailException">
    /// Values are missing, malformed, or contradict others; it names all of them.
    /// </exception>
    public static BrokerOptions Read(BootEnvironment boot)
    {
        var faults = new BootFaults();
        faults.CheckForms(boot, Settings.All);

        // A mode that cannot be read is the stricter one, so that nothing that it would need is left unsaid.
        var isDevelopment = faults.Try(() => boot.Read(Settings.DevelopmentMode));
        var listen = faults.Try(() => ListenOptions.Read(boot));
        var issuer = faults.Try(() => IssuerOptions.Read(boot, isDevelopment, listen));
        var keys = faults.Try(() => KeyFileOptions.Read(boot));
        var wallet = faults.Try(() => WalletSignInOptions.Read(boot));
        var backend = faults.Try(() => BackendOptions.Read(boot));
        var ledger = faults.Try(() => LedgerFileOptions.Read(boot));
        var audit = faults.Try(() => AuditOptions.Read(boot));
        var aws = faults.Try(() => AwsOptions.Read(boot, isDevelopment));
        var limits = faults.Try(() => LimitOptions.Read(boot, isDevelopment));
        var operations = faults.Try(() => OperationsOptions.Read(boot));
        var clientId = faults.Try(() => ReadClientId(boot));
        faults.ThrowIfAny();
        return new BrokerOptions(
            listen!, issuer!, keys!, new SessionOptions(boot.Read(Settings.SessionTokenLifetime)), wallet!, backend,
            ledger!, audit!, aws!, limits!, operations!, clientId!);
    }

    private static string ReadClientId(BootEnvironment boot) => boot.Raw(Settings.ClientId) is ""
        ? throw BootFailException.At(Settings.ClientId, "", "is set but empty; unset it for the default, agentkeys")
        : boot.Read(Settings.ClientId);
}

/// <summary>Where the process listens. Bodies above <see cref="BodyLimit"/> bytes are refused.</summary>
internal sealed record ListenOptions(IPAddress Address, int Port, int BodyLimit)
{
    public static ListenOptions Read(BootEnvironment boot) =>
        new(boot.Read(Settings.Bind), boot.Read(Settings.Port), boot.Read(Settings.RequestBodyLimit));
}

/// <summary>The issuer and its tokens.</summary>
internal sealed record IssuerOptions(string Issuer, TimeSpan TokenLifetime, bool EmitSourceIdentity)
{
    /// <summary>Host and, where it is not the scheme's own, port: the SIWE domain and the ledger's origin.</summary>
    public string Authority { get; } = new Uri(Issuer).Authority;

    /// <summary>The issuer's path without a slash at its end; empty for most.</summary>
    public string Path { get; } = new Uri(Issuer).AbsolutePath.TrimEnd('/');

    public static IssuerOptions Read(BootEnvironment boot, bool developmentMode, ListenOptions? listen)
    {
        if (!boot.IsSet(Settings.Issuer) && !developmentMode)
        {
            throw BootFailException.At(Settings.Issuer, null,
                "missing required variable: the issuer URL as registered with AWS IAM "
                + "(on a laptop BROKER_DEV_MODE=true needs none)");
        }

        // Without a place to listen at the start fails anyway; its own variable says so.
        listen ??= new ListenOptions(IPAddress.Loopback, 0, 0);
        var issuer = boot.ReadOptional(Settings.Issuer) ?? $"http://{new IPEndPoint(listen.Address, listen.Port)}";
        if (issuer.StartsWith("http://", StringComparison.Ordinal) && !developmentMode)
            throw BootFailException.At(Settings.Issuer, issuer, "must be https (http only with BROKER_DEV_MODE=true)");
        if (!new Uri(issuer).IsDefaultPort && !developmentMode)
        {
            throw BootFailException.At(Settings.Issuer, issuer,
                "must not have a port: AWS IAM takes none (only with BROKER_DEV_MODE=true)");
        }

        return new IssuerOptions(issuer, boot.Read(Settings.OidcTokenLifetime), boot.Read(Settings.SourceIdentity));
    }
}

/// <summary>The key files, each mode 0600.</summary>
internal sealed record KeyFileOptions(string Oidc, string[] OidcPublished, string Session, string Ledger)
{
    public static KeyFileOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(Settings.DataDirectory);
        var oidc = boot.ReadOptional(Settings.OidcKeyFile) ?? Path.Combine(folder, "oidc-keypair.json");
        var session = boot.ReadOptional(Settings.SessionKeyFile) ?? Path.Combine(folder, "session-keypair.json");
        if (oidc == session)
        {
            throw BootFailException.At(Settings.SessionKeyFile, session,
                "must not be the file of BROKER_OIDC_KEYPAIR_PATH");
        }

        return new KeyFileOptions(oidc, boot.Read(Settings.OidcPublishedKeyFiles), session,
            boot.ReadOptional(Settings.LedgerKeyFile) ?? Path.Combine(folder, "ledger-key.json"));
    }
}

internal sealed record SessionOptions(TimeSpan TokenLifetime);

internal sealed record WalletSignInOptions(bool Enabled, TimeSpan ChallengeLifetime, TimeSpan ClockSkew)
{
    public static WalletSignInOptions Read(BootEnvironment boot)
    {
        var methods = boot.Read(Settings.AuthMethods);
        if (methods.Length == 0)
        {
            throw BootFailException.At(Settings.AuthMethods, boot.Text(Settings.AuthMethods),
                "names no way to sign in");
        }

        foreach (var method in methods)
        {
            if (method != "wallet_sig")
            {
                throw BootFailException.At(Settings.AuthMethods, boot.Text(Settings.AuthMethods),
                    $"\"{method}\" is not a method of this broker");
            }
        }

        _ = boot.Read(Settings.WalletProvisioner);
        return new WalletSignInOptions(true, boot.Read(Settings.ChallengeLifetime), boot.Read(Settings.ClockSkew));
    }
}

/// <summary>The legacy backend that vouches for opaque bearers (contract §9).</summary>
internal sealed record BackendOptions(Uri Url, TimeSpan Timeout)
{
    public static BackendOptions? Read(BootEnvironment boot)
    {
        var timeout = boot.Read(Settings.BackendTimeout);
        return boot.ReadOptional(Settings.BackendUrl) is { } url ? new BackendOptions(url, timeout) : null;
    }
}

/// <summary>The databases. The ledger's is append-only; the other holds what may be forgotten.</summary>
internal sealed record LedgerFileOptions(
    string LedgerPath, string StatePath, int QueueCapacity, TimeSpan Timeout, RefusalLimits Refusals, long DiskReserve)
{
    public static LedgerFileOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(Settings.DataDirectory);
        var ledger = boot.ReadOptional(Settings.LedgerDatabase) ?? Path.Combine(folder, "audit.sqlite");
        var state = boot.ReadOptional(Settings.StateDatabase) ?? Path.Combine(folder, "broker.sqlite");
        if (ledger == state)
        {
            throw BootFailException.At(
                boot.IsSet(Settings.StateDatabase) ? Settings.StateDatabase : Settings.LedgerDatabase, state,
                "must not be one file for the ledger and the state");
        }

        return new LedgerFileOptions(
            ledger,
            state,
            boot.Read(Settings.LedgerQueue),
            boot.Read(Settings.LedgerTimeout),
            new RefusalLimits(boot.Read(Settings.RefusalsPerSource), boot.Read(Settings.RefusalsInAll)),
            boot.Read(Settings.DiskReserve) * 1024L * 1024L);
    }
}

/// <summary>How often. Zero means no limit.</summary>
internal sealed record LimitOptions(int MintsPerHour, int ChallengesPerHour)
{
    public static LimitOptions Read(BootEnvironment boot, bool developmentMode) => new(
        boot.IsSet(Settings.MintsPerHour) ? boot.Read(Settings.MintsPerHour) : developmentMode ? 0 : 600,
        boot.IsSet(Settings.ChallengesPerHour) ? boot.Read(Settings.ChallengesPerHour) : developmentMode ? 0 : 60);
}

internal sealed record OperationsOptions(
    bool DevelopmentMode, bool RefuseToBootStrict, TimeSpan ShutdownGrace, TimeSpan MaxUptime, bool MetricsEnabled,
    string LogLevel, string LogFormat, string? OperatorTokenFile)
{
    public static OperationsOptions Read(BootEnvironment boot) => new(
        boot.Read(Settings.DevelopmentMode),
        boot.Read(Settings.RefuseToBootStrict),
        boot.Read(Settings.ShutdownGrace),
        boot.Read(Settings.MaxUptime),
        boot.Read(Settings.MetricsEnabled),
        boot.Read(Settings.LogLevel),
        boot.Read(Settings.LogFormat),
        boot.ReadOptional(Settings.OperatorTokenFile));
}
