using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Broker.AwsAccount;

/// <summary>How S3 is asked here: checksums only where S3 demands them, which other implementations need.</summary>
internal static class S3Clients
{
    /// <param name="endpoint">Asked in path style; null for the region's own.</param>
    public static AmazonS3Config Configure(string region, Uri? endpoint)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = region,
            ForcePathStyle = endpoint is not null,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint is not null) config.ServiceURL = endpoint.AbsoluteUri;
        else config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        return config;
    }
}
