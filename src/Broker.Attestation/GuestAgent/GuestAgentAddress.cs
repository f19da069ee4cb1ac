using Broker.Attestation.Decoding;
using Broker.Foundation;

namespace Broker.Attestation.GuestAgent;

/// <summary>Where the dstack guest agent listens: a unix socket, or HTTP for a simulator.</summary>
public sealed record GuestAgentAddress
{
    /// <summary>The variable that names the agent: <c>unix:/path</c> or <c>http://host:port</c>.</summary>
    public const string Variable = "DSTACK_AGENT_ADDRESS";

    private const string CurrentSocket = "/var/run/dstack/dstack.sock";
    private const string OlderSocket = "/var/run/dstack.sock";

    private static readonly Uri OverSocket = new("http://dstack/");

    private readonly string? _socketPath;
    private readonly bool _isOfGuest;

    private GuestAgentAddress(string? socketPath, Uri baseAddress, bool isOfGuest = false)
    {
        _socketPath = socketPath;
        _isOfGuest = isOfGuest;
        BaseAddress = baseAddress;
    }

    /// <summary>
    /// Null for HTTP. The guest's own socket is looked for each time, since the agent may come up after us.
    /// </summary>
    public string? SocketPath => _isOfGuest && !File.Exists(_socketPath) ? OlderSocket : _socketPath;

    /// <summary>Nobody named an agent, and none listens where a guest has it: this is no guest.</summary>
    public bool IsAbsent => _isOfGuest && !File.Exists(_socketPath) && !File.Exists(OlderSocket);

    /// <summary>Ends with a slash. For a socket the host is a name that nobody resolves.</summary>
    public Uri BaseAddress { get; }

    public static Decoded<GuestAgentAddress> Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal) && text.Length > 5)
        {
            return new GuestAgentAddress(text[5..], OverSocket);
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? new GuestAgentAddress(null, new Uri(address.AbsoluteUri.TrimEnd('/') + "/"))
            : Decoded<GuestAgentAddress>.Refused("guest agent address is neither unix:/path nor http://host");
    }

    /// <summary>
    /// What the variable says; without it the socket of current guests where it exists, else that of older ones.
    /// </summary>
    public static Decoded<GuestAgentAddress> Find(string? variable)
        => string.IsNullOrEmpty(variable)
            ? new GuestAgentAddress(CurrentSocket, OverSocket, isOfGuest: true)
            : Parse(variable);

    public override string ToString() => SocketPath is null ? ForeignText.Address(BaseAddress) : $"unix:{SocketPath}";
}
