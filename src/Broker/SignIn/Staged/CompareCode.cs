using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Broker.SignIn.Staged;

/// <summary>
/// Eight letters such as <c>KTRM-WQHB</c> that the asking device and the confirming page both show. They follow from
/// the request id and do not lead back to it. Vowels are left out, so that no word comes of them, and so is L.
/// </summary>
internal static class CompareCode
{
    private const string Letters = "BCDFGHJKMNPQRSTVWXYZ";
    private const int Half = 4;

    public static string Of(string requestId)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes("agentkeys compare code\n" + requestId));
        var number = BinaryPrimitives.ReadUInt64BigEndian(digest);
        var code = new StringBuilder((2 * Half) + 1);
        for (var i = 0; i < 2 * Half; i++)
        {
            if (i == Half) code.Append('-');
            code.Append(Letters[(int)(number % (uint)Letters.Length)]);
            number /= (uint)Letters.Length;
        }

        return code.ToString();
    }
}
