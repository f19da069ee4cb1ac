namespace Broker.Foundation.Settings;

/// <summary>
/// Collects what is wrong with a start, so that an operator sees all of it at once: one fault for each variable, the
/// issuer's first (contract §6.2).
/// </summary>
public sealed class BootFaults
{
    private readonly List<BootFault> _faults = [];

    public bool Any => _faults.Count > 0;

    /// <summary>Checks the form of each value that is set.</summary>
    public void CheckForms(BootEnvironment boot, IEnumerable<Setting> settings)
    {
        foreach (var setting in settings) Try(() => boot.Check(setting));
    }

    /// <summary>Keeps the faults of <paramref name="step"/>.</summary>
    public void Try(Action step)
    {
        try
        {
            step();
        }
        catch (BootFailException fail)
        {
            Add(fail.Faults);
        }
    }

    /// <summary>What <paramref name="step"/> gives, or the default with its faults kept.</summary>
    public T? Try<T>(Func<T> step)
    {
        T? result = default;
        Try(() => { result = step(); });
        return result;
    }

    /// <summary>Keeps the first fault of each variable.</summary>
    public void Add(IEnumerable<BootFault> faults)
    {
        foreach (var fault in faults)
        {
            if (!_faults.Exists(known => known.Variable == fault.Variable)) _faults.Add(fault);
        }
    }

    /// <exception cref="BootFailException">A fault was found; it names all of them.</exception>
    public void ThrowIfAny()
    {
        if (!Any) return;
        throw new BootFailException([.. _faults.OrderByDescending(fault => fault.ComesFirst)]);
    }
}
