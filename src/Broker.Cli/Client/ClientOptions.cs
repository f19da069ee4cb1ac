using System.CommandLine;
using Broker.Cli.Sessions;

namespace Broker.Cli.Client;

/// <summary>What every command that talks to a broker takes: <c>--broker-url</c> and <c>--json</c>.</summary>
internal sealed class ClientOptions
{
    private readonly Option<string?> _url = BrokerAddress.Option();
    private readonly Option<bool> _json = new("--json") { Description = "print JSON, errors too" };

    /// <summary>Adds both to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_json);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <exception cref="Terminal.CommandFailedException">It is no address of a broker.</exception>
    public Uri Address(ParseResult parsed) => BrokerAddress.Of(parsed.GetValue(_url), SessionKeeper.LastAddress);
}
