using System.CommandLine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Manual;

/// <summary>
/// <c>brokerctl completions bash|zsh|fish</c>: a script for the shell. It asks this program for what may follow, so it
/// never lags behind the commands; where nothing is known the shell completes file names.
/// </summary>
internal static class CompletionsCommand
{
    private const string Bash = """
        # For bash: eval "$(brokerctl completions bash)"
        _brokerctl() {
          local word=${COMP_LINE:0:COMP_POINT} IFS=$'\n'
          word=${word##*[[:space:]]}
          COMPREPLY=()
          local one
          while read -r one; do
            # Options are for whoever begins one. bash replaces what stands behind the last : or = alone.
            [[ $one == /* || ( $one == -* && $word != -* ) ]] && continue
            if [[ $one == "$word"* ]]; then COMPREPLY+=("${one#"${word%"${COMP_WORDS[COMP_CWORD]}"}"}"); fi
          done < <("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
        }
        complete -o default -F _brokerctl brokerctl

        """;

    private const string Zsh = """
        #compdef brokerctl
        # For zsh: eval "$(brokerctl completions zsh)" behind compinit, or as _brokerctl in a folder of fpath.
        _brokerctl() {
          local -a found
          found=(${(f)"$(${words[1]} "[suggest:$#LBUFFER]" "$LBUFFER" 2>/dev/null)"})
          found=(${found:#/*})
          [[ $PREFIX == -* ]] || found=(${found:#-*})
          if (( $#found )); then compadd -a found; else _files; fi
        }
        if [ "$funcstack[1]" = _brokerctl ]; then _brokerctl "$@"; else compdef _brokerctl brokerctl; fi

        """;

    private const string Fish = """
        # For fish: brokerctl completions fish | source
        function __brokerctl_complete
          set -l line (commandline -cp)
          set -l program (commandline -opc)[1]
          set -l found ($program "[suggest:"(string length -- $line)"]" $line 2>/dev/null | string match -v '/*')
          string match -q -- '-*' (commandline -ct); or set found (string match -v -- '-*' $found)
          if set -q found[1]
            string join \n -- $found
          else
            __fish_complete_path (commandline -ct)
          end
        end
        complete -c brokerctl -f -a '(__brokerctl_complete)'

        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completions", "Print a script that completes these commands in a shell") { shell };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
