using System.Buffers;
using System.CommandLine;
using Broker.Attestation.Verification;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tee;

/// <summary>The options of <c>brokerctl tee simulate</c>.</summary>
internal sealed class SimulateOptions
{
    private readonly Option<FileInfo> _socket = new("--socket")
    {
        Description = "Unix socket of the guest agent; one that nobody listens on any more is replaced",
        Required = true,
    };

    private readonly Option<DirectoryInfo> _pki = new("--pki")
    {
        Description = "The hierarchy that 'brokerctl tee pki' made",
        Required = true,
    };

    private readonly Option<string> _name = new("--name")
    {
        Description = "The machine: one name is one platform, another name another",
        Required = true,
    };

    private readonly Option<int> _pccsPort = new("--pccs-port")
    {
        Description = "Serve collateral for every machine of the hierarchy on this port of 127.0.0.1; 0 for none",
    };

    private readonly Option<FileInfo?> _vmConfig = new("--vm-config")
    {
        Description = "JSON that the host gives the guest (vm_config, or a sys-config that holds one)",
    };

    private readonly Option<FileInfo?> _events = new("--events")
    {
        Description = "Event log, dstack's JSON form: the RTMRs are its replay. Default: an ordinary boot",
    };

    private readonly Option<FileInfo?> _like = new("--like")
    {
        Description = "Measure as the guest of this attestation (envelope): its registers, event log and vm_config",
    };

    private readonly Option<string?> _appId = new("--app-id") { Description = "20 bytes hex, for the ordinary boot" };

    private readonly Option<string?> _composeHash = new("--compose-hash")
    {
        Description = "32 bytes hex, for the ordinary boot and MRCONFIGID",
    };

    private readonly Option<string?> _keyProvider = new("--key-provider")
    {
        Description = "Key provider JSON, for the ordinary boot",
    };

    private readonly Option<string?> _mrTd = new("--mr-td") { Description = "48 bytes hex" };

    private readonly Option<bool> _td15 = new("--td15") { Description = "TDX 1.5: version 5 quotes" };

    private readonly Option<bool> _debugTd = new("--debug-td")
    {
        Description = "The TD runs in debug mode: its quotes must be refused as TD_DEBUG",
    };

    private readonly Option<TcbStatus> _tcbStatus = new("--tcb-status")
    {
        Description = "At which status the platform is to be found; Revoked must be refused as TCB_REVOKED",
        DefaultValueFactory = _ => TcbStatus.UpToDate,
    };

    private readonly Option<bool> _expire = new("--expire")
    {
        Description = "The platform's certificate ended a year ago: refused as PCK_CERT_EXPIRED",
    };

    private readonly Option<bool> _revoke = new("--revoke")
    {
        Description = "The platform's certificate is on the PCK CRL: refused as PCK_CERT_REVOKED",
    };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _socket, _pki, _name, _pccsPort, _vmConfig, _events, _like, _appId, _composeHash, _keyProvider, _mrTd,
            _td15, _debugTd, _tcbStatus, _expire, _revoke,
        ];
        foreach (var option in all) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            Option[] ordinary = [_events, _appId, _composeHash, _keyProvider, _mrTd];
            if (result.GetResult(_like) is not null
                && Array.Exists(ordinary, option => result.GetResult(option) is not null))
            {
                result.AddError(
                    "--like takes another guest's measurements: "
                    + "no --events, --app-id, --compose-hash, --key-provider or --mr-td with it");
            }
        });
        _pccsPort.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > ushort.MaxValue) result.AddError("--pccs-port: 0 to 65535");
        });
        _tcbStatus.Validators.Add(result =>
        {
            if (!TeeCommands.PlatformStatuses.Contains(result.GetValueOrDefault<TcbStatus>()))
            {
                result.AddError($"--tcb-status: one of {string.Join(", ", TeeCommands.PlatformStatuses)}");
            }
        });
    }

    public SimulatedMachineRequest Read(ParseResult parsed) => new()
    {
        Socket = parsed.GetRequiredValue(_socket).FullName,
        Pki = parsed.GetRequiredValue(_pki).FullName,
        Name = parsed.GetRequiredValue(_name),
        PccsPort = parsed.GetValue(_pccsPort),
        VmConfigFile = parsed.GetValue(_vmConfig)?.FullName,
        EventsFile = parsed.GetValue(_events)?.FullName,
        LikeFile = parsed.GetValue(_like)?.FullName,
        AppId = Hex(parsed, _appId, 20),
        ComposeHash = Hex(parsed, _composeHash, 32),
        KeyProvider = parsed.GetValue(_keyProvider) ?? "",
        MrTd = Hex(parsed, _mrTd, 48),
        Td15 = parsed.GetValue(_td15),
        DebugTd = parsed.GetValue(_debugTd),
        TcbStatus = parsed.GetValue(_tcbStatus),
        Expire = parsed.GetValue(_expire),
        Revoke = parsed.GetValue(_revoke),
    };

    private static byte[]? Hex(ParseResult parsed, Option<string?> option, int length)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        var bytes = new byte[length];
        return text.Length == 2 * length && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done
            ? bytes
            : throw new CommandFailedException($"{option.Name}: {length} bytes in hex", ExitCode.Misuse);
    }
}

/// <summary>What the command line asks for.</summary>
internal sealed record SimulatedMachineRequest
{
    public required string Socket { get; init; }
    public required string Pki { get; init; }
    public required string Name { get; init; }

    /// <summary>0 for no PCCS.</summary>
    public int PccsPort { get; init; }
    public string? VmConfigFile { get; init; }
    public string? EventsFile { get; init; }
    public string? LikeFile { get; init; }
    public byte[]? AppId { get; init; }
    public byte[]? ComposeHash { get; init; }
    public string KeyProvider { get; init; } = "";
    public byte[]? MrTd { get; init; }
    public bool Td15 { get; init; }
    public bool DebugTd { get; init; }
    public TcbStatus TcbStatus { get; init; }
    public bool Expire { get; init; }
    public bool Revoke { get; init; }
}
