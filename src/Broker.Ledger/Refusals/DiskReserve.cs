namespace Broker.Ledger.Refusals;

/// <summary>
/// The disk space of the ledger's volume that only releases, revocations and sign-outs may use. Asked anew at most once
/// a second. Safe for use by many threads.
/// </summary>
public sealed class DiskReserve
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    private readonly DriveInfo _volume;
    private readonly TimeProvider _time;
    private long _askedAt;
    private long _free = long.MaxValue;

    /// <param name="folder">The ledger's folder; it exists.</param>
    /// <param name="bytes">The reserve. On a small volume a tenth of it is enough.</param>
    /// <param name="time">Tells when the answer is old.</param>
    public DiskReserve(string folder, long bytes, TimeProvider time)
    {
        _volume = new DriveInfo(folder);
        _time = time;
        Bytes = Math.Min(bytes, _volume.TotalSize / 10);
        Ask();
    }

    /// <summary>The reserve in bytes.</summary>
    public long Bytes { get; }

    /// <summary>What is free on the volume, in bytes.</summary>
    public long Free
    {
        get
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _askedAt)) >= Age) Ask();
            return Volatile.Read(ref _free);
        }
    }

    /// <summary>True when only releases, revocations and sign-outs may still write.</summary>
    public bool IsReached => Free < Bytes;

    /// <summary>True while there is still time to act: less than twice the reserve is free.</summary>
    public bool IsNear => Free < 2 * Bytes;

    private void Ask()
    {
        Volatile.Write(ref _askedAt, _time.GetTimestamp());
        try
        {
            Volatile.Write(ref _free, _volume.AvailableFreeSpace);
        }
        catch (IOException)
        {
            // The volume does not answer. The last answer stands; the writer finds out by itself.
        }
    }
}
