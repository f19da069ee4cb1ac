using System.Text;

namespace Broker.KmsAuthorizer.Configuration;

/// <summary>What <c>--help</c> prints: the options, and every variable with its default and meaning.</summary>
internal static class Usage
{
    public static string Text { get; } = Write();

    private static string Write()
    {
        var text = new StringBuilder("""
            Broker.KmsAuthorizer - says which KMS nodes and apps may boot (the KMS's authorization webhook).

            Usage: Broker.KmsAuthorizer [--bind ADDRESS] [--port PORT] [--help]

              GET  /               status, contract, gateway app id, chain
              POST /bootAuth/kms   may this KMS have the root keys?
              POST /bootAuth/app   may this app have its keys?

            Environment (the name in brackets is the reference authorizers', read where ours is unset):


            """);
        foreach (var variable in Variables.All)
        {
            var also = string.Concat(variable.Aliases.Select(alias => $" [{alias}]"));
            var standard = variable.Default is null ? "" : $" (default {variable.Default})";
            text.Append($"  {variable.Name}{also}{standard}\n      {variable.Meaning}\n      Form: {variable.Form}.\n");
        }

        return text.ToString();
    }
}
