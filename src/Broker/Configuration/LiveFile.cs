namespace Broker.Configuration;

/// <summary>
/// What an operator's file says, read again when the file has changed. A change that cannot be used changes nothing;
/// the log and <see cref="Fault"/> say so.
/// </summary>
/// <param name="read">Throws <see cref="FormatException"/> where the file cannot be used.</param>
/// <param name="first">What the file said when the process started.</param>
internal sealed partial class LiveFile<T>(string path, Func<string, T> read, T first, ILogger log)
    where T : class
{
    private readonly Lock _reading = new();
    private (DateTime Written, long Length) _seen = State(path);
    private volatile T _current = first;
    private string? _fault;

    /// <summary>Why the file as it is now is not used; null where it is.</summary>
    public string? Fault
    {
        get
        {
            ReadAgain();
            return _fault;
        }
    }

    /// <summary>What the file says now: it costs a look at the file's time.</summary>
    public T Current
    {
        get
        {
            ReadAgain();
            return _current;
        }
    }

    /// <summary>Reads the file where it has changed.</summary>
    private void ReadAgain()
    {
        lock (_reading)
        {
            var now = State(path);
            if (now == _seen) return;
            try
            {
                _current = read(path);
                _fault = null;
                LogTaken(log, path);
            }
            catch (FormatException wrong)
            {
                _fault = wrong.Message;
                LogNotTaken(log, path, wrong.Message);
            }

            _seen = now;
        }
    }

    /// <summary>Another value whenever the file may have changed.</summary>
    private static (DateTime Written, long Length) State(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} was read again and is in force")]
    private static partial void LogTaken(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} {Reason}; what it said before stays in force")]
    private static partial void LogNotTaken(ILogger log, string path, string reason);
}
