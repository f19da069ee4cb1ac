using System.CommandLine;

namespace Broker.Cli.Credentials;

/// <summary>What every command that gets credentials takes.</summary>
internal sealed class CredentialOptions
{
    private readonly Option<string?> _role = new("--role")
    {
        Description = "the role, by name or ARN; the broker's default role when left out",
    };

    private readonly Option<int?> _duration = new("--duration")
    {
        Description = "lifetime, 900 to 43200; the role may allow less",
        HelpName = "SECONDS",
    };

    private readonly Option<string?> _reason = new("--reason")
    {
        Description = "what for, in 1 to 200 characters; it goes on record",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _region = new("--region")
    {
        Description = "AWS region; AWS_REGION, else the role's when left out",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_role);
        command.Options.Add(_duration);
        command.Options.Add(_reason);
        command.Options.Add(_region);
    }

    public CredentialWish Wish(ParseResult parsed) => new(
        parsed.GetValue(_role), parsed.GetValue(_duration), parsed.GetValue(_reason), parsed.GetValue(_region));
}
