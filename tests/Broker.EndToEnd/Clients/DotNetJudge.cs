using Amazon.S3;
using Amazon.S3.Model;

namespace Broker.EndToEnd.Clients;

/// <summary>
/// <c>dotnet Broker.EndToEnd.dll ENDPOINT BUCKET KEY</c>: AWS's SDK for .NET in a process of its own, with whatever
/// credentials its chain of providers finds in the environment. Writes the object, reads it, prints what it holds.
/// </summary>
internal static class DotNetJudge
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var endpoint, var bucket, var key]) return 2;
        using var client = new AmazonS3Client(new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            MaxErrorRetry = 0,
            AuthenticationRegion = "us-east-1",
        });
        await client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = key,
            ContentBody = $"written by .NET as {key}",
            UseChunkEncoding = false,
        });
        using var read = await client.GetObjectAsync(bucket, key);
        using var reader = new StreamReader(read.ResponseStream);
        Console.WriteLine(await reader.ReadToEndAsync());
        return 0;
    }
}
