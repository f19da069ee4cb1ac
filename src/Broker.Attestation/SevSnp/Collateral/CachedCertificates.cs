using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Collateral;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Foundation;

namespace Broker.Attestation.SevSnp.Collateral;

/// <summary>
/// Keeps certificates in memory and in a folder, so that a service that answers once in ten seconds, or is away for
/// days, stops nobody whose certificate is known. A certificate never changes, so it is fetched once. Only one that
/// verifies, and is the one that was asked for, is kept. Several who ask for one certificate at a time wait for one
/// fetch. A failure is told to everybody for a while, and then tried again.
/// </summary>
/// <param name="folder">
/// Made when it is not there. Files are <c>vcek-*.der</c> and <c>ask-*.der</c>. Null keeps nothing but in memory.
/// </param>
public sealed class CachedCertificates(
    IVcekOrigin origin, string? folder, SnpTrustAnchors anchors, TimeProvider time)
{
    /// <summary>Above it, what is in memory is forgotten; files stay.</summary>
    private const int MostHeld = 4096;

    private const int MostFetches = 4;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestQueue = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<VcekKey, SnpCertificates> _held = new();
    private readonly ConcurrentDictionary<VcekKey, (DateTimeOffset Until, string Message)> _failed = new();
    private readonly ConcurrentDictionary<VcekKey, Lazy<Task<SnpCertificates>>> _running = new();
    private readonly ConcurrentDictionary<ProcessorFamily, (byte[] List, DateTimeOffset Until)> _lists = new();
    private readonly SemaphoreSlim _fetches = new(MostFetches);
    private readonly SemaphoreSlim _listFetch = new(1);

    /// <summary>How long a revocation list is served without asking whether there is a newer one.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <exception cref="CollateralUnavailableException">There is no such certificate to be had now.</exception>
    public async Task<SnpCertificates> GetAsync(VcekKey key, CancellationToken stop)
    {
        if (_held.TryGetValue(key, out var held)) return held;
        if (_failed.TryGetValue(key, out var failed) && time.GetUtcNow() < failed.Until)
            throw new CollateralUnavailableException(failed.Message);

        // Whoever asked may go away; the fetch has a deadline of its own and others may wait for it.
        var running = _running.GetOrAdd(key, asked => new Lazy<Task<SnpCertificates>>(() => FindAsync(asked)));
        return await running.Value.WaitAsync(stop);
    }

    /// <summary>The family's revocation list; an old one is never served past its time here.</summary>
    /// <exception cref="CollateralUnavailableException">There is none to be had now.</exception>
    public async Task<ReadOnlyMemory<byte>> RevocationListAsync(ProcessorFamily family, CancellationToken stop)
    {
        if (HeldList(family) is { } held) return held;
        await _listFetch.WaitAsync(stop);
        try
        {
            if (HeldList(family) is { } meanwhile) return meanwhile;
            var list = await origin.FetchRevocationListAsync(family, stop);
            if (RefuseList(family, list) is { } refused)
                throw new CollateralUnavailableException($"the key service's revocation list is refused: {refused}");
            _lists[family] = (list, time.GetUtcNow() + MaxAge);
            return list;
        }
        finally
        {
            _listFetch.Release();
        }
    }

    private SnpRefusal? RefuseList(ProcessorFamily family, byte[] encoded)
        => SnpRevocationList.TryRead(encoded) is { } list && anchors.Certificate(family) is { } root
            ? list.Refuse(root, time.GetUtcNow())
            : new SnpRefusal(SnpRefusalReason.CrlMalformed, "not a revocation list");

    private byte[]? HeldList(ProcessorFamily family)
        => _lists.TryGetValue(family, out var held) && time.GetUtcNow() < held.Until ? held.List : null;

    private async Task<SnpCertificates> FindAsync(VcekKey key)
    {
        try
        {
            var certificates = ReadHeld(key) ?? await FetchAsync(key);
            if (_held.Count >= MostHeld) _held.Clear();
            _held[key] = certificates;
            _failed.TryRemove(key, out _);
            return certificates;
        }
        catch (CollateralUnavailableException unavailable)
        {
            if (_failed.Count >= MostHeld) _failed.Clear();
            _failed[key] = (time.GetUtcNow() + RetryInterval, unavailable.Message);
            throw;
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    private async Task<SnpCertificates> FetchAsync(VcekKey key)
    {
        if (!await _fetches.WaitAsync(LongestQueue))
            throw new CollateralUnavailableException("too many certificates are asked for at a time");
        try
        {
            var known = Read(IntermediateFile(key.Family));
            var wanted = known is null
                ? origin.FetchIntermediateAsync(key.Family, CancellationToken.None)
                : Task.FromResult(known);
            var leaf = origin.FetchLeafAsync(key, CancellationToken.None);
            await Task.WhenAll(wanted, leaf);
            var certificates = new SnpCertificates(await leaf, await wanted);
            if (Refuse(key, await leaf, await wanted) is { } refused)
            {
                // A file that somebody damaged is fetched anew the next time.
                if (known is not null) Forget(IntermediateFile(key.Family));
                throw new CollateralUnavailableException($"the key service's certificate is refused: {refused}");
            }

            if (known is null) Write(IntermediateFile(key.Family), await wanted);
            Write(LeafFile(key), await leaf);
            return certificates;
        }
        finally
        {
            _fetches.Release();
        }
    }

    private SnpCertificates? ReadHeld(VcekKey key)
        => Read(LeafFile(key)) is { } leaf && Read(IntermediateFile(key.Family)) is { } intermediate
            && Refuse(key, leaf, intermediate) is null
            ? new SnpCertificates(leaf, intermediate)
            : null;

    /// <summary>Null when the chain holds now and the leaf is the one that the key names.</summary>
    private SnpRefusal? Refuse(VcekKey key, byte[] leafBytes, byte[] intermediate)
    {
        if (SnpCertificateReader.TryRead(leafBytes) is not { } leaf)
            return new SnpRefusal(SnpRefusalReason.CertMalformed, "the leaf is not a certificate");
        var chain = SnpChain.Verify(
            anchors.Certificate(key.Family), SnpCertificateReader.TryRead(intermediate), leaf, key.Family,
            SnpSigningKey.Vcek, time.GetUtcNow());
        if (!chain.Succeeded) return chain.Refusal;
        var identity = LeafIdentity.Read(leaf, key.Family, SnpSigningKey.Vcek);
        if (!identity.Succeeded) return identity.Refusal;
        if (identity.Value.Tcb != key.Tcb)
            return new SnpRefusal(SnpRefusalReason.TcbMismatch, "the leaf is for other firmware levels");
        return Convert.ToHexStringLower(identity.Value.HardwareId!.Value.Span) == key.HardwareId
            ? null
            : new SnpRefusal(SnpRefusalReason.ChipIdMismatch, "the leaf is for another chip");
    }

    /// <summary>A name that does not tell the machine.</summary>
    private static string LeafFile(VcekKey key)
        => $"vcek-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Path)))}.der";

    private static string IntermediateFile(ProcessorFamily family)
        => $"ask-{family.ToString().ToLowerInvariant()}.der";

    private byte[]? Read(string name)
    {
        if (folder is null) return null;
        try
        {
            var file = new FileInfo(Path.Combine(folder, name));
            return file.Exists && file.Length <= SnpCertificateReader.MaxLength
                ? File.ReadAllBytes(file.FullName)
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Forget(string name) => Change(name, File.Delete);

    private void Write(string name, byte[] certificate)
        => Change(name, path => DurableFile.Replace(path, certificate, DurableFile.ReadableByAll));

    /// <summary>A folder that cannot be written costs the next start a fetch, and nothing now.</summary>
    private void Change(string name, Action<string> change)
    {
        if (folder is null) return;
        try
        {
            Directory.CreateDirectory(folder);
            change(Path.Combine(folder, name));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // What is in memory counts all the same.
        }
    }
}
