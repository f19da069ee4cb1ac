using Broker.Foundation.Settings;

namespace Broker.Configuration;

/// <summary>Which parts of the house this process runs.</summary>
/// <param name="Names">As <c>BROKER_MODULES</c> has them; known ones only, and at least one.</param>
internal sealed record ProcessParts(IReadOnlySet<string> Names)
{
    public const string CredName = "cred";
    public const string MemoryName = "memory";
    public const string ConfigName = "config";
    public const string AuditName = "audit";
    public const string EmailName = "email";
    public const string ClassifyName = "classify";

    private const string BrokerName = "broker";
    private const string KmsName = "kms";
    private const string SignerName = "signer";

    private static readonly string[] Known =
    [
        BrokerName, KmsName, SignerName, CredName, MemoryName, ConfigName, AuditName, EmailName, ClassifyName,
    ];

    /// <summary>What it serves is in the broker's own state.</summary>
    private static readonly string[] BesideBroker = [EmailName];

    /// <summary>In the order in which they are told.</summary>
    public static string AllNames { get; } = $"{string.Join(", ", Known[..^1])} and {Known[^1]}";

    public bool Broker => Names.Contains(BrokerName);

    public bool Kms => Names.Contains(KmsName);

    public bool Signer => Names.Contains(SignerName);

    public bool Has(string name) => Names.Contains(name);

    /// <summary>True only where the modules can be read; what is wrong with them is told with all else.</summary>
    public static bool IsKmsAlone(BootEnvironment boot) =>
        new BootFaults().Try(() => Read(boot)) is { Kms: true, Names.Count: 1 };

    /// <summary>
    /// Whether services run without the broker here. False where the modules cannot be read: the whole start tells why.
    /// </summary>
    public static bool IsWithoutBroker(BootEnvironment boot) => FindWithoutBroker(boot) is not null;

    /// <summary>The parts of a process without the broker; null where there is one, or they cannot be read.</summary>
    public static ProcessParts? FindWithoutBroker(BootEnvironment boot) =>
        new BootFaults().Try(() => Read(boot)) is { Broker: false } parts ? parts : null;

    public static ProcessParts Read(BootEnvironment boot)
    {
        var names = boot.Read(CoreSettings.Modules);
        if (names.FirstOrDefault(name => !Known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw Wrong(boot, $"\"{unknown}\" is not a module; they are {AllNames}");
        if (names.Length == 0) throw Wrong(boot, $"names no module; they are {AllNames}");
        var parts = new ProcessParts(names.ToHashSet(StringComparer.Ordinal));
        if (parts.Broker) return parts;
        if (BesideBroker.FirstOrDefault(parts.Has) is { } dependent)
            throw Wrong(boot, $"{dependent} runs beside the broker, whose state it reads: name broker too");
        return parts;
    }

    private static BootFailException Wrong(BootEnvironment boot, string reason) =>
        BootFailException.At(CoreSettings.Modules, boot.Text(CoreSettings.Modules), reason);
}
