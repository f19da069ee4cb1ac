namespace Broker.Cli.Terminal;

/// <summary>A bar on stderr while something takes long; nothing at all where stderr is not a terminal.</summary>
internal sealed class ProgressBar(TextWriter error, string what) : IDisposable
{
    private const int Width = 30;

    private readonly bool _shows = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private int _lastPermille = -1;

    public void Report(long done, long inAll)
    {
        if (!_shows || inAll <= 0) return;
        var permille = (int)(done * 1000 / inAll);
        if (permille == _lastPermille) return;
        _lastPermille = permille;
        var filled = permille * Width / 1000;
        error.Write($"\r{what} [{new string('#', filled)}{new string('.', Width - filled)}] {permille / 10.0:f1} %");
    }

    public void Dispose()
    {
        if (_shows && _lastPermille >= 0) error.Write($"\r{new string(' ', what.Length + Width + 12)}\r");
    }
}
