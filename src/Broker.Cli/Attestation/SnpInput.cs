using System.Collections.Immutable;
using System.CommandLine;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Dstack;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Verification;
using Broker.Cli.Quotes;
using Broker.Cli.Terminal;

namespace Broker.Cli.Attestation;

/// <summary>What the command line says of SEV-SNP: certificates, roots, rules and expected values.</summary>
internal sealed class SnpInput
{
    private readonly Option<FileInfo?> _vcek = new("--vcek")
    {
        Description = "SEV-SNP: the chip's certificate, a VCEK or VLEK (DER or PEM)",
    };

    private readonly Option<FileInfo?> _ask = new("--ask")
    {
        Description = "SEV-SNP: the intermediate, ASK or ASVK (DER or PEM; the first of a cert_chain)",
    };

    private readonly Option<FileInfo?> _table = new("--table")
    {
        Description = "SEV-SNP: both, as the kernel's certificate table",
    };

    private readonly Option<FileInfo?> _crl = new("--crl") { Description = "SEV-SNP: the root's revocation list, DER" };

    private readonly Option<bool> _requireCrl = new("--require-crl")
    {
        Description = "SEV-SNP: refuse without a revocation list",
    };

    private readonly Option<bool> _allowVlek = new("--allow-vlek")
    {
        Description = "SEV-SNP: accept a cloud provider's key; such a report names no chip",
    };

    private readonly Option<bool> _allowMigration = new("--allow-migration-agent")
    {
        Description = "SEV-SNP: accept guests that their host may move",
    };

    private readonly Option<uint> _maxVmpl = new("--max-vmpl")
    {
        Description = "SEV-SNP: the least privileged level that may speak for the guest, 0 to 3; default: 0",
    };

    private readonly Option<string?> _minimumTcb = new("--minimum-tcb")
    {
        Description = "SEV-SNP: least firmware levels, such as bootloader=4,snp=24,microcode=219",
    };

    private readonly Option<string?> _reportData = new("--report-data")
    {
        Description = "SEV-SNP: expected, 64 bytes in hex",
    };

    private readonly Option<string?> _measurement = new("--measurement")
    {
        Description = "SEV-SNP: expected, 48 bytes in hex",
    };

    private readonly Option<string?> _hostData = new("--host-data")
    {
        Description = "SEV-SNP: expected, 32 bytes in hex",
    };

    private readonly Option<string?> _chipId = new("--chip-id") { Description = "SEV-SNP: expected, 64 bytes in hex" };

    /// <summary>In the order in which help shows them.</summary>
    public IEnumerable<Option> All =>
    [
        _vcek, _ask, _table, _crl, _requireCrl, _allowVlek, _allowMigration, _maxVmpl, _minimumTcb, _reportData,
        _measurement, _hostData, _chipId,
    ];

    /// <summary>AMD's roots, or the one that the command line insists on; its own name says for which family.</summary>
    public static SnpTrustAnchors ReadAnchors(string? path)
    {
        if (path is null) return SnpTrustAnchors.Amd;
        ReadOnlyMemory<byte> root = InputFile.ReadCertificate(path);
        return SnpTrustAnchors.External(
            Enum.GetValues<ProcessorFamily>().ToDictionary(family => family, _ => root),
            new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true });
    }

    /// <summary>A judge that asks the key service for what evidence does not bring along.</summary>
    public static CollateralBackedReportVerifier CreateVerifier(
        HttpClient client, string? kds, SnpTrustAnchors anchors, SnpPolicy policy)
    {
        if (!Uri.TryCreate(kds ?? KdsOptions.Amd, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            throw new CommandFailedException("--kds: an http or https address", ExitCode.Misuse);
        }

        var origin = new KdsOrigin(client, new KdsOptions { Address = address }, TimeProvider.System);
        return new CollateralBackedReportVerifier(
            anchors, policy, new CachedCertificates(origin, folder: null, anchors, TimeProvider.System));
    }

    /// <summary>Whether certificates are named, so that the file is a bare report.</summary>
    public bool NamesCertificates(ParseResult parsed)
        => parsed.GetValue(_vcek) is not null || parsed.GetValue(_ask) is not null
        || parsed.GetValue(_table) is not null;

    public SnpPolicy ReadPolicy(ParseResult parsed)
    {
        var minimum = ImmutableDictionary<ProcessorFamily, TcbLevels>.Empty;
        if (parsed.GetValue(_minimumTcb) is { } text)
        {
            var levels = TcbLevels.Parse(text) ?? throw new CommandFailedException(
                "--minimum-tcb: a list such as bootloader=4,snp=24,microcode=219", ExitCode.Misuse);
            minimum = Enum.GetValues<ProcessorFamily>().ToImmutableDictionary(family => family, _ => levels);
        }

        return new SnpPolicy
        {
            AllowVlek = parsed.GetValue(_allowVlek),
            AllowMigrationAgent = parsed.GetValue(_allowMigration),
            MaxVmpl = parsed.GetValue(_maxVmpl) is var most and <= 3
                ? most
                : throw new CommandFailedException("--max-vmpl: 0 to 3", ExitCode.Misuse),
            RequireRevocationList = parsed.GetValue(_requireCrl),
            MinimumTcb = minimum,
        };
    }

    /// <summary>A table that is not one is a refusal like any other of the evidence.</summary>
    public SnpOutcome<SnpCertificates> ReadCertificates(ParseResult parsed)
    {
        var list = ReadFile(parsed, _crl);
        if (ReadFile(parsed, _table) is { } table)
        {
            var read = CertificateTable.Read(table, parsed.GetValue(_allowVlek));
            return read.Succeeded ? read.Value with { RevocationList = list } : read.Refusal;
        }

        return new SnpCertificates(ReadCertificate(parsed, _vcek), ReadCertificate(parsed, _ask), list);
    }

    public SnpExpectations ReadExpectations(ParseResult parsed) => new()
    {
        ReportData = ReadHex(parsed, _reportData, 64),
        Measurement = ReadHex(parsed, _measurement, 48),
        HostData = ReadHex(parsed, _hostData, 32),
        ChipId = ReadHex(parsed, _chipId, 64),
    };

    /// <summary>PEM may hold several, as the key service's cert_chain does; the first counts.</summary>
    private static ReadOnlyMemory<byte>? ReadCertificate(ParseResult parsed, Option<FileInfo?> option)
        => ReadFile(parsed, option) is { } bytes ? (ReadOnlyMemory<byte>?)CertificateChain.First(bytes) : null;

    private static ReadOnlyMemory<byte>? ReadFile(ParseResult parsed, Option<FileInfo?> option)
        => parsed.GetValue(option) is { } file
            ? (ReadOnlyMemory<byte>?)InputFile.ReadBytes(file.FullName, CertificateTable.MaxLength)
            : null;

    private static ReadOnlyMemory<byte>? ReadHex(ParseResult parsed, Option<string?> option, int length)
    {
        if (parsed.GetValue(option) is not { } hex) return null;
        return hex.Length == 2 * length && hex.All(char.IsAsciiHexDigit)
            ? (ReadOnlyMemory<byte>?)Convert.FromHexString(hex)
            : throw new CommandFailedException($"{option.Name}: {length} bytes in hex", ExitCode.Misuse);
    }
}
