using Broker.AwsAccount;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.LedgerHosting;

namespace Broker.DataClasses;

/// <summary>A class that this process keeps.</summary>
/// <param name="Given">The key of the environment; null where the KMS gives it.</param>
internal sealed record KeptClass(DataClass Class, int Port, string Bucket, DataKey? Given);

/// <summary>The classes that this process keeps, and how it keeps them.</summary>
/// <param name="Endpoint">Of S3; null for the region's own.</param>
/// <param name="LargestEnvelope">In bytes.</param>
/// <param name="PerMinute">Requests of one actor; 0 is no limit.</param>
internal sealed record DataOptions(
    IReadOnlyList<KeptClass> Classes, bool AreKeysOfKms, bool RequireSts, TimeSpan Timeout, int PerMinute,
    string Region, Uri? Endpoint, int LargestEnvelope)
{
    public static DataOptions Read(BootEnvironment boot, AwsAccountOptions? account, ListenOptions? listen)
    {
        var parts = ProcessParts.Read(boot);
        var ofKms = boot.Read(DataSettings.KeksOfKms);
        return new DataOptions(
            [.. DataClass.All.Where(one => parts.Has(one.Module)).Select(one => ReadClass(boot, one, ofKms))],
            ofKms, boot.Read(DataSettings.RequireSts), boot.Read(DataSettings.Timeout),
            boot.Read(DataSettings.PerMinute), account?.Region ?? "", boot.ReadOptional(LedgerSettings.S3Endpoint),
            (listen?.BodyLimit ?? 0) + Envelope.Overhead);
    }

    /// <summary>Null where this process does not keep it.</summary>
    public KeptClass? Find(DataClass one) => Classes.FirstOrDefault(kept => kept.Class == one);

    private static KeptClass ReadClass(BootEnvironment boot, DataClass one, bool ofKms)
    {
        var bucket = boot.ReadOptional(one.Bucket) ?? throw BootFailException.At(
            one.Bucket, null, $"missing required variable: the module {one.Module} keeps its envelopes there");
        var key = boot.ReadOptional(one.Kek);
        if (key is null && !ofKms)
        {
            throw BootFailException.At(
                one.Kek, null,
                $"missing required variable: the module {one.Module} seals with it (or set BROKER_DATA_KEK=kms)");
        }

        return new KeptClass(one, boot.Read(one.Port), bucket, ofKms ? null : key);
    }
}
