using System.Text;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Tests.Prpc;

public sealed class PrpcEncodingTests
{
    [Fact]
    public void Writes_every_field_in_the_order_of_the_proto()
    {
        Json(new AppKeyResponse { CaCert = "pem\n", DiskCryptKey = ByteString.CopyFrom(0xab, 0x01) }).ShouldBe(
            """
            {"ca_cert":"pem\n","disk_crypt_key":"ab01","env_crypt_key":"","k256_key":"","k256_signature":"",
            "tproxy_app_id":"","gateway_app_id":"","os_image_hash":""}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public void Writes_absent_optionals_and_messages_as_null_and_numbers_as_numbers()
    {
        Json(new GetMetaResponse()).ShouldBe(
            """
            {"ca_cert":"","allow_any_upgrade":false,"k256_pubkey":"","bootstrap_info":null,"is_dev":false,
            "gateway_app_id":null,"kms_contract_address":null,"chain_id":null,"app_auth_implementation":null}
            """.ReplaceLineEndings(""));
        Json(new GetMetaResponse { ChainId = ulong.MaxValue, GatewayAppId = "" })
            .ShouldContain("\"gateway_app_id\":\"\",\"kms_contract_address\":null,\"chain_id\":18446744073709551615");
        Json(new PublicKeyResponse { Timestamp = 1_739_290_000 }).ShouldContain("\"timestamp\":1739290000,");
    }

    [Fact]
    public void Writes_lists_of_texts_and_of_messages()
    {
        Json(new SignCertResponse { CertificateChain = { "a", "b" } })
            .ShouldBe("{\"certificate_chain\":[\"a\",\"b\"]}");
        var set = new KmsKeys { CaKey = "c", K256Key = ByteString.CopyFrom(1) };
        Json(new KmsKeyResponse { TempCaKey = "t", Keys = { set } })
            .ShouldBe("{\"temp_ca_key\":\"t\",\"keys\":[{\"ca_key\":\"c\",\"k256_key\":\"01\"}]}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"unknown\":[1,{\"x\":null}]}")]
    public void Missing_fields_keep_their_default_and_unknown_ones_are_ignored(string text) =>
        Read<GetAppKeyRequest>(text).ShouldBe(new GetAppKeyRequest());

    [Theory]
    [InlineData("00ff")]
    [InlineData("00FF")]
    [InlineData("0x00ff")]
    [InlineData("0x0x00Ff")]
    public void Reads_bytes_from_hex_of_either_case_with_or_without_prefix(string hex) =>
        Read<GetAppEnvEncryptPubKeyRequest>($"{{\"app_id\":\"{hex}\"}}").AppId.ToByteArray().ShouldBe([0x00, 0xff]);

    [Theory]
    [InlineData("{\"api_version\":\"1\"}", "api_version")]
    [InlineData("{\"api_version\":-1}", "api_version")]
    [InlineData("{\"api_version\":1.5}", "api_version")]
    [InlineData("{\"api_version\":4294967296}", "api_version")]
    [InlineData("{\"api_version\":null}", "api_version")]
    [InlineData("{\"vm_config\":{}}", "vm_config")]
    [InlineData("{\"vm_config\":null}", "vm_config")]
    [InlineData("[]", "JSON object")]
    [InlineData("null", "JSON object")]
    [InlineData("{", "malformed JSON")]
    [InlineData("{\"vm_config\":\"\\ud800\"}", "malformed JSON")]
    public void Refuses_values_of_another_type(string text, string named) =>
        Should.Throw<PrpcFormatException>(() => Read<GetAppKeyRequest>(text)).Message.ShouldContain(named);

    [Theory]
    [InlineData("abc")]
    [InlineData("zz")]
    public void Refuses_bytes_that_are_no_hex(string hex) =>
        Should.Throw<PrpcFormatException>(() => Read<GetAppEnvEncryptPubKeyRequest>($"{{\"app_id\":\"{hex}\"}}"))
            .Message.ShouldContain("app_id");

    [Fact]
    public void What_was_written_is_read_back()
    {
        Prop.ForAll<byte[], string, ulong>((bytes, text, number) =>
        {
            var message = new PublicKeyResponse
            {
                PublicKey = ByteString.CopyFrom(bytes),
                SignatureV1 = ByteString.CopyFrom(bytes),
                Timestamp = number,
            };
            var keys = new KmsKeyResponse { TempCaKey = Valid(text), Keys = { new KmsKeys { CaKey = Valid(text) } } };
            Read<PublicKeyResponse>(Json(message)).ShouldBe(message);
            Read<KmsKeyResponse>(Json(keys)).ShouldBe(keys);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_in_both_encodings()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            Attempt(() => PrpcJson.Read(bytes, new SignCertRequest()));
            byte[] opened = [(byte)'{', (byte)'"', .. bytes];
            Attempt(() => PrpcJson.Read(opened, new SignCertRequest()));
            Attempt(() => PrpcPayload.Read(Post("", null), bytes, PrpcEncoding.Protobuf, new SignCertRequest()));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("GET", "", null, "", "Json")]
    [InlineData("POST", "", null, "", "Protobuf")]
    [InlineData("POST", "?json", null, "", "Json")]
    [InlineData("POST", "?json=1", null, "", "Json")]
    [InlineData("POST", "?json=true", null, "", "Json")]
    [InlineData("POST", "?json=0", null, "", "Protobuf")]
    [InlineData("POST", "?json=0&json=1", null, "", "Protobuf")]
    [InlineData("POST", "", "application/json", "", "Json")]
    [InlineData("POST", "", "Application/JSON; charset=utf-8", "", "Json")]
    [InlineData("POST", "", "application/x-www-form-urlencoded", "\n {}", "Json")]
    [InlineData("POST", "", "application/x-www-form-urlencoded", "\u0008\u0001", "Protobuf")]
    [InlineData("POST", "", "application/x-protobuf", "", "Protobuf")]
    public void Chooses_the_encoding(string method, string query, string? contentType, string body, string expected)
    {
        var request = Post(query, contentType);
        request.Method = method;

        PrpcPayload.EncodingOf(request, Encoding.UTF8.GetBytes(body)).ToString().ShouldBe(expected);
    }

    [Fact]
    public void Reads_a_get_request_from_its_query()
    {
        var request = Post("?json&api_version=1&vm_config=%7B%7D&other=x", null);
        request.Method = "GET";
        var message = new GetAppKeyRequest();

        PrpcPayload.Read(request, default, PrpcEncoding.Json, message);

        message.ShouldBe(new GetAppKeyRequest { ApiVersion = 1, VmConfig = "{}" });
    }

    [Fact]
    public void A_get_query_with_an_unusable_value_is_refused()
    {
        var request = Post("?api_version=one", null);
        request.Method = "GET";

        var refusal = Should.Throw<PrpcFormatException>(() =>
            PrpcPayload.Read(request, default, PrpcEncoding.Json, new GetAppKeyRequest()));

        refusal.Message.ShouldContain("api_version");
    }

    private static void Attempt(Action read)
    {
        try
        {
            read();
        }
        catch (PrpcFormatException)
        {
            // Refused: fine.
        }
    }

    private static string Valid(string? text) => string.Concat((text ?? "").Where(c => !char.IsSurrogate(c)));

    private static string Json(IMessage message) => Encoding.UTF8.GetString(PrpcJson.Write(message));

    private static T Read<T>(string text)
        where T : IMessage, new()
    {
        var message = new T();
        PrpcJson.Read(Encoding.UTF8.GetBytes(text), message);
        return message;
    }

    private static HttpRequest Post(string query, string? contentType)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = "POST";
        request.QueryString = new QueryString(query);
        request.ContentType = contentType;
        return request;
    }
}
