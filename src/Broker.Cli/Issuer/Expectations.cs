using Broker.Cli.Terminal;

namespace Broker.Cli.Issuer;

/// <summary>
/// The values that have to be measured: <c>NAME=VALUE</c>, hex in either case. A name that comes more than once names
/// values of which one has to be found.
/// </summary>
internal sealed class Expectations
{
    private readonly SortedDictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private Expectations()
    {
    }

    public bool Any => _values.Count > 0;

    /// <exception cref="CommandFailedException">One is not of its form, or of a name that nothing measures.</exception>
    public static Expectations Parse(IEnumerable<string> given)
    {
        var expectations = new Expectations();
        foreach (var one in given)
        {
            var split = one.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = split > 0 ? (one[..split], one[(split + 1)..]) : ("", "");
            if (!MeasuredValues.Names.Contains(name))
            {
                throw new CommandFailedException(
                    $"--expect: \"{one}\" is not NAME=VALUE with one of {string.Join(", ", MeasuredValues.Names)}",
                    ExitCode.Misuse);
            }

            if (!expectations._values.TryGetValue(name, out var values)) expectations._values[name] = values = [];
            values.Add(value);
        }

        return expectations;
    }

    /// <summary>Whether one of the values of <paramref name="name"/> was named.</summary>
    public bool Names(string name, string value) =>
        _values.TryGetValue(name, out var values) && values.Exists(one => Same(one, value));

    /// <summary>The first name whose values were not measured, with what was; null when all were.</summary>
    public (string Name, string? Measured)? FindFault(MeasuredValues measured)
    {
        foreach (var (name, values) in _values)
        {
            var found = measured.Find(name);
            if (found is null || !values.Exists(one => Same(one, found))) return (name, found);
        }

        return null;
    }

    public override string ToString() => string.Join(", ", _values.Keys);

    private static bool Same(string expected, string measured) =>
        string.Equals(expected, measured, StringComparison.OrdinalIgnoreCase);
}
