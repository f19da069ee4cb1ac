// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.24;

/// The three view functions are AgentKeys' published interface; the rest is made for the tests.
contract TestGates {
    struct Device {
        bytes32 operatorOmni;
        bytes32 actorOmni;
        bytes32 credentialId;
        bytes32 relyingPartyHash;
        uint256 publicKeyX;
        uint256 publicKeyY;
        uint8 tier;
        uint8 roles;
        uint64 registeredAt;
        uint32 lastSignCount;
        bool revoked;
    }

    address private immutable deployer = msg.sender;
    uint256 public currentEpoch = 1;

    mapping(bytes32 => Device) private devices;
    mapping(bytes32 => mapping(bytes32 => mapping(bytes32 => bool))) private scopes;

    modifier byDeployer() {
        require(msg.sender == deployer, "only the deployer");
        _;
    }

    function setDevice(bytes32 device, bytes32 operatorOmni, bytes32 actorOmni, uint8 roles, bool revoked)
        external byDeployer
    {
        devices[device] = Device(
            operatorOmni, actorOmni, bytes32(uint256(3)), bytes32(uint256(4)), 5, 6, 7, roles, uint64(block.timestamp),
            9, revoked);
    }

    function setScope(bytes32 operatorOmni, bytes32 actorOmni, bytes32 service, bool given) external byDeployer {
        scopes[operatorOmni][actorOmni][service] = given;
    }

    function setEpoch(uint256 epoch) external byDeployer { currentEpoch = epoch; }

    function getDevice(bytes32 device) external view returns (Device memory) { return devices[device]; }

    function isServiceInScope(bytes32 operatorOmni, bytes32 actorOmni, bytes32 service) external view returns (bool) {
        return scopes[operatorOmni][actorOmni][service];
    }
}
