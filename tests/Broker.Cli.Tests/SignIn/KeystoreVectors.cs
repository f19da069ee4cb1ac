namespace Broker.Cli.Tests.SignIn;

/// <summary>
/// The secret <c>7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d</c> under <c>testpassword</c>: for
/// PBKDF2 the vector of "Web3 Secret Storage Definition" (ethereum.org), for scrypt what ethers 6.17 writes (the
/// definition's own has parameters that RFC 7914 §2 does not allow).
/// </summary>
internal static class KeystoreVectors
{
    public const string Password = "testpassword";
    public const string Address = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

    public static string Of(string kdf) => kdf == "scrypt" ? Scrypt : Pbkdf2;

    private const string Pbkdf2 = """
        {
          "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": "6087dab2f9fdbbfaddc31a909735c1e6" },
            "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "kdf": "pbkdf2",
            "kdfparams": {
              "c": 262144, "dklen": 32, "prf": "hmac-sha256",
              "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
            },
            "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
          },
          "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
          "version": 3
        }
        """;

    private const string Scrypt = """
        {"address":"008aeeda4d805471df9b2a5b0f38a0c3bcba786b","id":"1a5be61f-165c-4c93-8236-4ad692e046fb","version":3,
         "Crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"dd13ddeb43b7d4d969229a1f16cb242d"},
         "ciphertext":"48553e385833269df339c9c031e7febf71cbb793c7f0e0a9e1e971c767bd2d98","kdf":"scrypt",
         "kdfparams":{"salt":"d26eff5d130df59580ca5c85915a2a2eb8ec5aed9e2056a181cf51c4adba2a2a",
         "n":131072,"dklen":32,"p":1,"r":8},
         "mac":"4450f4ff0894c675259378113704857a4983e281256483286e611c8a4b2dd494"}}
        """;
}
